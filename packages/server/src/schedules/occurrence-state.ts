// Pure: what comes of a time of a schedule, one complete table of what may follow what.
import type { occurrenceStates } from '@flowhook/contract/flow/schedule';
import type { StateTable } from '../db/state-table.ts';

/** What the `state` column holds. */
export type OccurrenceState = (typeof occurrenceStates)[number];
/** `due` is a time that is not on record: it has no row. */
export type OccurrenceStanding = OccurrenceState | 'due';

/**
 * What can happen to a time: its run is launched; it waits for the run before; it is passed over, for that run goes on or the
 * schedule was disabled; nobody was there to fire it; it could not be launched.
 */
export const occurrenceEvents = ['launch', 'wait', 'skip', 'miss', 'fail'] as const;
export type OccurrenceEvent = (typeof occurrenceEvents)[number];

const ended = { launch: null, wait: null, skip: null, miss: null, fail: null } as const;

/** The whole machine: the next state, or null where the event is refused. A time that is on record never fires again. */
export const occurrenceTable: StateTable<OccurrenceStanding, OccurrenceEvent> = {
  due: { launch: 'launched', wait: 'waiting', skip: 'skipped', miss: 'missed', fail: 'failed' },
  waiting: { ...ended, launch: 'launched', skip: 'skipped', fail: 'failed' },
  launched: ended,
  skipped: ended,
  missed: ended,
  failed: ended,
};

/** Why a time was not launched: a closed list, each with what it means. */
export const occurrenceReasons = {
  still_running: 'The run before was still going on.',
  already_waiting: 'The run before was still going on, and an earlier time waited for it.',
  missed: 'No server was running then, and missed times are not made up for.',
  disabled: 'The schedule was disabled while this time waited.',
  deleted: 'The schedule was deleted while this time waited.',
  owner_removed: "The flow's owner is no longer here.",
  owner_may_not_run: "The flow's owner may no longer run flows.",
  not_launchable: 'The flow could not be run as it was.',
  crashes: 'The server ended three times in a row while it fired this time.',
  internal: 'Something went wrong in the server; its log has the cause.',
} as const;
export type OccurrenceReason = keyof typeof occurrenceReasons;
