// Pure: what a call takes and gives, read from its endpoint by types.
import type { z } from 'zod';
import type { Endpoint } from '@flowhook/contract/endpoint';

type Schema = z.ZodType;
type Simple = string | number | boolean;

/** A file to send: a Blob or File, or a stream with a name, which is sent as it comes and never held whole. */
export type FilePart = Blob | NamedStream;

export interface NamedStream {
  /** The file's name with its endings: the server reads format and packing from them. */
  readonly name: string;
  /** A media type; application/octet-stream unless given. */
  readonly type?: string;
  readonly stream: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** A file that is received: read it once, by one of the ways. */
export interface Download {
  /** As the server proposes it; null where it does not. */
  readonly name: string | null;
  /** Media type. */
  readonly type: string;
  /** Bytes; null where they are not known beforehand. */
  readonly size: number | null;
  readonly stream: ReadableStream<Uint8Array>;
  blob(): Promise<Blob>;
  text(): Promise<string>;
}

/** Closed lists stay closed; what the contract reads from any text may be given as it is. */
type QueryValue<Value> = unknown extends Value
  ? Simple
  : NonNullable<Value> extends string
    ? string extends NonNullable<Value>
      ? Simple
      : NonNullable<Value>
    : Simple;

type IsFile<Value> = [NonNullable<Value>] extends [never]
  ? false
  : [NonNullable<Value>] extends [File]
    ? true
    : false;

/** Files may be streams, too. */
type Sendable<Body> = { readonly [Key in keyof Body]: IsFile<Body[Key]> extends true ? FilePart : Body[Key] };

type ParamsPart<Params> = {} extends Params
  ? { readonly params?: {} }
  : { readonly params: { readonly [Key in keyof Params]: string | number } };
type QueryPart<Query> = {
  readonly query?: { readonly [Key in keyof Query]?: QueryValue<Query[Key]> | null | undefined };
};
type BodyPart<Body> = undefined extends Body
  ? { readonly body?: Sendable<Body> }
  : { readonly body: Sendable<Body> };

/** Path parameters, query and body of an endpoint, as the contract has them before they are parsed. */
export type InputOf<E> =
  E extends Endpoint<infer Params, infer Query, infer Body>
    ? ParamsPart<z.input<Params>> &
        QueryPart<z.input<Query>> &
        BodyPart<z.input<Body>> & {
          /** Request headers that mean something to the endpoint, as `x-execution-id`. */
          readonly headers?: Readonly<Record<string, string>>;
        }
    : never;

/** What an endpoint answers: files as downloads, everything else as the contract has it. */
export type AnswerOf<E> =
  E extends Endpoint<Schema, Schema, Schema, infer Reply>
    ? IsFile<z.output<Reply>> extends true
      ? Download
      : z.output<Reply>
    : never;

/** A row of an endpoint that answers a list; never for others. */
export type RowOf<E> = AnswerOf<E> extends { readonly data: readonly (infer Row)[] } ? Row : never;

/** What has to be given at all; the input may be left out where nothing of it is needed. */
export type CallArguments<E, Options> =
  {} extends InputOf<E> ? [input?: InputOf<E>, options?: Options] : [input: InputOf<E>, options?: Options];

/** The same without its types, for the code that writes the request. */
export interface LooseInput {
  readonly params?: object;
  readonly query?: object;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export function isStream(value: unknown): value is NamedStream {
  return typeof value === 'object' && value !== null && 'stream' in value && !(value instanceof Blob);
}
