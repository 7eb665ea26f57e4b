// A read that was broken off, because it goes through more rows than it should: the caller's way out is to ask for less.
/** What a read aside may take: a list that takes longer is read by nobody. */
export const asideMs = 10_000;

export class TookTooLong extends Error {
  constructor(maxMs: number) {
    super(`The read takes more than ${maxMs / 1000} s.`);
    this.name = 'TookTooLong';
  }
}

/** PostgreSQL breaks a statement off by itself, and says so with this code. */
const brokenOff = '57014';

export function tookTooLong(error: unknown): boolean {
  return (
    error instanceof TookTooLong || (error instanceof Error && 'code' in error && error.code === brokenOff)
  );
}
