// What a page asks without the app's cache: once, and again when told to.
import { useCallback, useEffect, useState } from 'react';
import type { Asked } from '../../parts/page/answer.tsx';

interface State<Data> {
  readonly data: Data | undefined;
  readonly error: unknown;
}

const nothing = { data: undefined, error: null };

/** `ask` stays the same function. */
export function useAsked<Data>(ask: () => Promise<Data>): Asked<Data> {
  const [{ data, error }, setState] = useState<State<Data>>(nothing);
  const load = useCallback(() => {
    ask().then(
      (answer) => setState({ data: answer, error: null }),
      (fault: unknown) => setState({ data: undefined, error: fault }),
    );
  }, [ask]);
  useEffect(load, [load]);
  const refetch = () => {
    setState(nothing);
    load();
  };
  return { data, error, isPending: data === undefined && error === null, refetch };
}
