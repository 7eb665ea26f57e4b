// A route of a thing with a version: its answers have it as ETag, its changes are held to what If-Match names.
import type { FastifyReply } from 'fastify';
import {
  showsVersion,
  takesIfMatch,
  type AnyEndpoint,
  type VersionedThing,
} from '@flowhook/contract/endpoint';
import { Problem } from '../../base/error.ts';
import { matchesVersion } from '../../transfer/if-match.ts';
import type { SecretBox } from '../../base/secret.ts';
import { keepNothing } from '../../db/kept-answer.ts';
import type { Database, Tx } from '../../db/database.ts';
import type { Making, Route, RouteInput } from '../route.ts';
import { lockThing, readVersion } from './thing-version.ts';

type Input = RouteInput<AnyEndpoint>;

export interface VersionContext {
  readonly db: Database;
  readonly box: SecretBox;
}

/** Gives a route what its endpoint declares with `versionOf`; all others stay as they are. */
export function withVersion(context: VersionContext, route: Route): Route {
  const { endpoint, making } = route;
  const kind = endpoint.versionOf;
  if (kind === undefined) return route;
  if (making !== undefined) return showMade(context, kind, route, making);
  if (takesIfMatch(endpoint)) return holdChange(context, kind, route);
  return showRead(context, kind, route);
}

/** The version first: where the thing is changed in between, the version is the older one, which is refused and not lost. */
function showRead({ db, box }: VersionContext, kind: VersionedThing, route: Route): Route {
  return {
    ...route,
    async handle(input) {
      const version = await readVersion(db.read, box, kind, idOf(kind, input));
      const value = await route.handle(input);
      tell(input.reply, version);
      return value;
    },
  };
}

/** The same order; an answer that is repeated word for word has no version. */
function showMade(
  { db, box }: VersionContext,
  kind: VersionedThing,
  route: Route,
  { make, show }: Making<AnyEndpoint, unknown>,
): Route {
  const making: typeof route.making = {
    make,
    async show(made, input) {
      const version = await readVersion(db.read, box, kind, (made as { readonly id: number }).id);
      const value = await show(made, input);
      tell(input.reply, version);
      return value;
    },
  };
  return {
    ...route,
    handle: async (input) => making.show(await making.make(input, keepNothing), input),
    making,
  };
}

function holdChange(context: VersionContext, kind: VersionedThing, route: Route): Route {
  const { method, path } = route.endpoint;
  return {
    ...route,
    async handle(input) {
      const hold = createHold(context, kind, idOf(kind, input), input.request.headers['if-match'] ?? null);
      const value = await route.handle({ ...input, held: hold.held });
      if (!hold.isTaken()) throw new Error(`${method} ${path} does not write with what \`held\` gives`);
      const version = await hold.finish();
      if (showsVersion(route.endpoint)) tell(input.reply, version);
      return value;
    },
  };
}

function createHold({ db, box }: VersionContext, kind: VersionedThing, id: number, ifMatch: string | null) {
  let taken = false;
  let written = false;
  let version: string | null = null;
  const check = (found: string | null) => {
    // What is gone is told by the route itself.
    if (ifMatch === null || found === null || matchesVersion(ifMatch, found)) return;
    const detail =
      'It was changed since it was read: read it again, and send what is to be changed of it then.';
    throw new Problem('precondition_failed', detail, [], { etag: found });
  };
  /** The version that is looked at is what the transaction itself finds, and leaves. */
  const run = async <Result>(tx: Tx, work: (tx: Tx) => Promise<Result>): Promise<Result> => {
    if (ifMatch !== null) {
      await lockThing(tx, kind, id);
      check(await readVersion(tx, box, kind, id));
    }
    const result = await work(tx);
    version = await readVersion(tx, box, kind, id);
    return result;
  };
  const held: Input['held'] = (context) => {
    taken = true;
    const transaction: Database['transaction'] = async (work) => {
      // What follows, such as the check of what reads the thing, is no change of it.
      if (written) return context.db.transaction(work);
      const result = await context.db.transaction((tx) => run(tx, work));
      written = true;
      return result;
    };
    return { ...context, db: { ...context.db, transaction } };
  };
  return {
    held,
    isTaken: () => taken,
    /** The version after it; where there was nothing to write it is looked at now. */
    async finish() {
      if (written) return version;
      const found = await readVersion(db.read, box, kind, id);
      check(found);
      return found;
    },
  };
}

function idOf(kind: VersionedThing, { params }: Input): number {
  const { id, parameterId } = params as { readonly id: number; readonly parameterId?: number };
  return kind === 'parameter' ? parameterId! : id;
}

function tell(reply: FastifyReply, version: string | null): void {
  if (version !== null) void reply.header('etag', version);
}
