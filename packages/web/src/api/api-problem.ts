// What the server refused, or that it could not be reached: one kind of error, read by the contract's own schema.
import { problem } from '@flowhook/contract/problem';
import { problemText } from '../text/problem.ts';

export interface FieldFault {
  /** Dotted path, such as `writeSettings[0].path`. */
  readonly field: string;
  readonly detail: string;
}

interface Told {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly faults?: readonly FieldFault[];
  readonly requestId?: string;
}

export class ApiProblem extends Error {
  /** The HTTP status; 0 where no answer came. */
  readonly status: number;
  /** A word from the server's closed list; `unreachable` where no answer came. */
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly faults: readonly FieldFault[];
  readonly requestId: string | undefined;

  constructor({ status, code, title, detail, faults = [], requestId }: Told) {
    super(detail);
    this.name = 'ApiProblem';
    this.status = status;
    this.code = code;
    this.title = title;
    this.detail = detail;
    this.faults = faults;
    this.requestId = requestId;
  }
}

/** Reads a refusal; what is no problem document (a proxy's page, say) is told by its status. */
export function readProblem(status: number, text: string): ApiProblem {
  const read = problem.safeParse(parse(text));
  if (!read.success) {
    return new ApiProblem({
      status,
      code: 'unknown',
      title: problemText.unknownTitle,
      detail: problemText.unknownDetail(status),
    });
  }
  const { code, title, detail, errors, requestId } = read.data;
  return new ApiProblem({ status, code, title, detail, faults: errors, requestId });
}

export function unreachable(): ApiProblem {
  const { unreachableTitle: title, unreachableDetail: detail } = problemText;
  return new ApiProblem({ status: 0, code: 'unreachable', title, detail });
}

/** Any error as a problem that can be shown. */
export function toProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  console.error(error);
  const { brokenTitle: title, brokenDetail: detail } = problemText;
  return new ApiProblem({ status: 0, code: 'broken', title, detail });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
