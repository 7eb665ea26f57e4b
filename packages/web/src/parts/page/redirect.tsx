// Leads to another page at once, in place of this one in the history; once, however often it is drawn.
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';

interface RedirectProps {
  readonly to: string;
  readonly search?: Readonly<Record<string, string>>;
}

export function Redirect({ to, search = {} }: RedirectProps) {
  const navigate = useNavigate();
  const gone = useRef(false);
  useEffect(() => {
    if (gone.current) return;
    gone.current = true;
    void navigate({ to, search, replace: true });
  });
  return null;
}
