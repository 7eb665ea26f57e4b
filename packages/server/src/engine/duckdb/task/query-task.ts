// A check in a child of the pool: bind the query, say what it gives.
import type { CheckResult, Query } from '../../engine.ts';
import { bindQuery } from './bind.ts';
import type { PoolLimits } from '../protocol.ts';
import { openSession, widthOf } from './session.ts';

const noCopies = { maxBytes: 0, mayCut: true };

/** Reads no file: datasets stand for their columns alone. */
export async function runCheck(query: Query, limits: PoolLimits): Promise<CheckResult> {
  const session = await openSession({
    ...limits,
    tempBytes: 0,
    readPaths: [],
    width: widthOf(query.datasets),
  });
  try {
    const { columns, references } = await bindQuery(session, query, {
      mode: 'check',
      files: async () => [],
      copies: noCopies,
    });
    return { ok: true, columns, references };
  } finally {
    session.close();
  }
}
