// Whether a bench met its target: said, and by its exit code too, so that a script that calls it hears of it.

/** `met`, or `MISSED`, after which the process ends with 1. */
export function tellVerdict(isMet: boolean): string {
  if (!isMet) process.exitCode = 1;
  return isMet ? 'met' : 'MISSED';
}
