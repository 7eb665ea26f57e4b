// Pure: why a file could not be put in its place, in words that name no folder of the server.

export const occupiedCode = 'OCCUPIED';

const sentences: Readonly<Record<string, string>> = {
  ENOTDIR: 'A file stands where a folder has to be.',
  EEXIST: 'A file stands where a folder has to be.',
  EISDIR: 'A folder stands where the file has to be.',
  ENOTEMPTY: 'A folder stands where the file has to be.',
  ENOSPC: 'The disk is full.',
  EDQUOT: 'The disk is full.',
  EACCES: 'The server may not write there.',
  EPERM: 'The server may not write there.',
  EROFS: 'The server may not write there.',
  [occupiedCode]: 'Another file stands there, which this job did not write: move it away.',
  ENAMETOOLONG: 'The name is too long for the file system.',
};

export function describeFault(error: unknown): string {
  const code = (error as { readonly code?: unknown } | null)?.code;
  const known = typeof code === 'string' ? sentences[code] : undefined;
  return known ?? `It could not be written${typeof code === 'string' ? ` (${code})` : ''}.`;
}

export const superseded = 'A newer job’s result stands there.';
export const noTurn = 'Another job was putting its files there.';
export const lostCopy = 'The job’s own copy of the file is gone.';
