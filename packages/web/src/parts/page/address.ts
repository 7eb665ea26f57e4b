// The address of the page: its parameters, its search members, and going elsewhere.
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';

type Search = Readonly<Record<string, string | number | undefined>>;

/** A parameter of the page's path, such as `id` of `/flows/:id`, as a number. */
export function useIdParam(name = 'id'): number {
  const params: Record<string, string | undefined> = useParams({ strict: false });
  return Number(params[name]);
}

/** The members after `?`, as texts. */
export function useSearchTexts(): Readonly<Record<string, string | undefined>> {
  const search: Record<string, unknown> = useSearch({ strict: false });
  return Object.fromEntries(Object.entries(search).map(([name, value]) => [name, String(value)]));
}

/** Changes members after `?`; undefined and empty ones are left out. `replace` makes no entry in the history. */
export function useChangeSearch(): (change: Search, options?: { replace?: boolean }) => void {
  const navigate = useNavigate();
  return useCallback(
    (change, { replace = true } = {}) => {
      const search = (now: Record<string, unknown>) =>
        Object.fromEntries(
          Object.entries({ ...now, ...change }).filter(([, value]) => value !== undefined && value !== ''),
        );
      void navigate({ to: '.', search: search, replace });
    },
    [navigate],
  );
}

/** Goes to another page by its address. */
export function useGo(): (to: string, options?: { search?: Search; replace?: boolean }) => void {
  const navigate = useNavigate();
  return useCallback(
    (to, { search, replace = false } = {}) =>
      void navigate({ to, replace, ...(search && { search: search }) }),
    [navigate],
  );
}
