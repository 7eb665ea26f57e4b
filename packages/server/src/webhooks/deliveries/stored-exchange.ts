// What is stored of one attempt's request and answer.
import type { SendResult } from '../sending/send-result.ts';

/** What an attempt keeps of its request and answer, secrets masked; the body is with the delivery and is not kept twice. */
export interface StoredExchange {
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
  };
  readonly response: {
    readonly statusCode: number;
    readonly headers: Readonly<Record<string, string | string[]>>;
    readonly body: string;
    readonly bodyBytes: number;
    readonly truncated: boolean;
    readonly note: string | null;
  } | null;
  readonly timing: SendResult['timing'] & { readonly totalMs: number };
  readonly egress: SendResult['egress'];
}
