// How a refusal travels up inside a child: thrown once, turned into a result where the task ends.
import type { Failure } from '../../failure.ts';

export class Refused extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}
