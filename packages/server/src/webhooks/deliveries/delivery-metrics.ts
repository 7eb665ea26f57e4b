// The numbers of deliveries: what was settled is counted as it happens, what waits is read at each scrape.
import { sql, type RawBuilder } from 'kysely';
import type { Metrics } from '../../base/metrics.ts';
import type { Database } from '../../db/database.ts';
import type { Claimed } from './delivery-claim.ts';
import type { Settled } from './delivery-settle.ts';
import type { Outcome } from '../sending/outcome.ts';

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600];
/** What waits is counted up to here: a scrape must not hold a large backlog up. */
const maxCounted = 100_000;

export type EndedAside = Pick<Claimed, 'interrupted' | 'expired'>;

export interface DeliveryMetrics {
  /** Told of each batch that was settled. */
  settled(settled: Settled): void;
  /** Told of what came to an end without an attempt of this process. */
  endedAside(ended: EndedAside): void;
}

export function createDeliveryMetrics(metrics: Metrics, db: Database): DeliveryMetrics {
  const attempts = metrics.counter(
    'flowhook_delivery_attempts_total',
    'Attempts that were settled, by what came of them.',
    ['outcome'],
  );
  const moved = metrics.counter(
    'flowhook_deliveries_settled_total',
    'Deliveries that were settled, by the state they went to.',
    ['state'],
  );
  const dead = metrics.counter(
    'flowhook_deliveries_dead_total',
    'Deliveries that ended without success, by why.',
    ['reason'],
  );
  const duration = metrics.histogram(
    'flowhook_delivery_attempt_duration_seconds',
    'Time of attempts, from name resolution to the last byte read.',
    ['outcome'],
    seconds,
  );
  const delay = metrics.histogram(
    'flowhook_delivery_first_attempt_delay_seconds',
    'Time from an event to the first attempt of its delivery.',
    [],
    seconds,
  );
  addBacklog(metrics, db);
  return {
    settled({ kept }) {
      for (const { attempt, state, next } of kept) {
        const outcome = nameOutcome(attempt.outcome);
        attempts.inc({ outcome });
        moved.inc({ state });
        if (next.state === 'dead') dead.inc({ reason: next.why });
        duration.observe({ outcome }, attempt.durationMs / 1000);
        const { attemptCount, createdAt } = attempt.claim;
        if (attemptCount === 1) delay.observe(Math.max(0, attempt.startedAt - createdAt) / 1000);
      }
    },
    endedAside({ interrupted, expired }) {
      for (const { state, why } of interrupted) {
        attempts.inc({ outcome: 'interrupted' });
        moved.inc({ state });
        if (why !== null) dead.inc({ reason: why });
      }
      for (const _ of expired) dead.inc({ reason: 'expired' });
    },
  };
}

/** `2xx` and its like, or the reason of a failure: a closed list. */
function nameOutcome(outcome: Outcome): string {
  return outcome.kind === 'failure' ? outcome.reason : `${Math.floor(outcome.statusCode / 100)}xx`;
}

function addBacklog(metrics: Metrics, db: Database): void {
  const now = db.read.now;
  const count = (where: RawBuilder<unknown>) => async () => {
    const { rows } = await sql<{ count: number }>`
      select count(*) as count from (select 1 from deliveries where ${where} limit ${sql.lit(maxCounted)}) as d`.execute(
      db.read,
    );
    return rows[0]!.count;
  };
  const due = sql`state = 'pending' and due_at is not null and due_at <= ${now}`;
  const gauges = {
    flowhook_deliveries_due: ['Deliveries whose next attempt is due, up to 100000.', count(due)],
    flowhook_deliveries_sending: [
      'Deliveries that are being sent, on all nodes.',
      count(sql`state = 'sending' and due_at is not null`),
    ],
    flowhook_deliveries_held: [
      'Deliveries that are held, up to 100000.',
      count(sql`state = 'pending' and held = 1`),
    ],
    flowhook_deliveries_held_for_crashes: [
      'Deliveries that are held because the server ended three times in a row during their attempts, up to 100000.',
      count(sql`held_for_crashes = 1`),
    ],
    flowhook_delivery_oldest_due_age_seconds: [
      'How long the oldest due delivery has been due; 0 where none is.',
      async () => {
        const { rows } = await sql<{ age: number | null }>`
          select ${now} - min(due_at) as age from deliveries where ${due}`.execute(db.read);
        return Math.max(0, rows[0]!.age ?? 0) / 1000;
      },
    ],
  } as const;
  for (const [name, [help, read]] of Object.entries(gauges)) metrics.gauge(name, help, read);
}
