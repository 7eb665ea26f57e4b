// Whatever goes wrong here as a problem that can be shown.
import { Problem } from '@flowhook/client/problem';
import { problemText } from '../text/problem.ts';

/** A fault of the page itself is logged. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  console.error(error);
  const { brokenTitle: title, brokenDetail: detail } = problemText;
  return new Problem({ status: 0, code: 'broken', title, detail });
}
