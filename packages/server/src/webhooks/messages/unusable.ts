// Thrown where what is stored of a task or of its event can't be made into a request.
import { Problem } from '../../base/error.ts';

/**
 * An attempt ends with it as its outcome, `unusable`; a call that needs the task is answered with 409. The message says what
 * is wrong and what to do, without a secret.
 */
export class Unusable extends Problem {
  constructor(detail: string, cause?: unknown) {
    super('conflict', detail);
    this.cause = cause;
  }
}

/** `read(text)`; what it throws becomes `Unusable`. `name` says what the text is: `body of this delivery`. */
export function readStored<T>(text: string, read: (text: string) => T, name: string): T {
  try {
    return read(text);
  } catch (error) {
    throw new Unusable(`The stored ${name} can't be read: run its job again.`, error);
  }
}
