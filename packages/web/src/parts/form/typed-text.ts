// A text field whose value lives elsewhere (in the address): what is typed is told after a pause.
import { useDebouncedCallback } from '@mantine/hooks';
import { useState } from 'react';

const pauseMs = 250;

export function useTypedText(value: string, onChange: (value: string) => void) {
  const [typed, setTyped] = useState(value);
  const [told, setTold] = useState(value);
  const [seen, setSeen] = useState(value);
  const tell = useDebouncedCallback((text: string) => {
    setTold(text);
    onChange(text);
  }, pauseMs);
  if (value !== seen) {
    setSeen(value);
    // What was told comes back while more is being typed; anything else was changed elsewhere.
    if (value !== told) setTyped(value);
  }
  return {
    value: typed,
    onChange: ({ currentTarget }: { currentTarget: { value: string } }) => {
      setTyped(currentTarget.value);
      tell(currentTarget.value);
    },
  };
}
