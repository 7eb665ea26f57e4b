// What this page is deleting, or has deleted: nothing of it is read again, since the only answer would be 404.
import type { QueryKey } from '@tanstack/react-query';
import type { Endpoint } from '@flowhook/contract/endpoint';

interface Removal {
  readonly path: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Ids are never given twice, so what is gone may stay here. */
const removals = new Set<Removal>();

/** Calls an endpoint that deletes; a live update may come before its answer. What is refused is there still. */
export async function noteRemoval<Answer>(
  { path }: Endpoint,
  params: Removal['params'],
  send: () => Promise<Answer>,
): Promise<Answer> {
  const removal = { path, params };
  removals.add(removal);
  try {
    return await send();
  } catch (error) {
    removals.delete(removal);
    throw error;
  }
}

/** True for an answer (`[path, {params}]`) about the very thing that goes, or about what hangs on it. */
export function isGone([path, input]: QueryKey): boolean {
  if (typeof path !== 'string') return false;
  const { params = {} } = (input ?? {}) as { params?: Readonly<Record<string, unknown>> };
  return [...removals].some(
    (gone) =>
      (path === gone.path || path.startsWith(`${gone.path}/`)) &&
      Object.entries(gone.params).every(([name, value]) => String(params[name]) === String(value)),
  );
}
