// Reads the text of one package in a thread of its own, and gives what it says or what is wrong with it.
import { parentPort, workerData } from 'node:worker_threads';
import { Problem, type FieldError, type ProblemCode } from '../base/error.ts';
import { readPackageText } from './package-text.ts';

export interface PackageWork {
  readonly text: string;
  readonly field: string;
}

export type PackageAnswer =
  | { readonly value: unknown }
  | {
      readonly fault: {
        readonly code: ProblemCode;
        readonly message: string;
        readonly errors: readonly FieldError[];
        readonly more: Problem['more'];
      };
    };

function read({ text, field }: PackageWork): PackageAnswer {
  try {
    return { value: readPackageText(text, field) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { code, message, errors, more } = error;
    return { fault: { code, message, errors, more } };
  }
}

parentPort?.postMessage(read(workerData as PackageWork), []);
