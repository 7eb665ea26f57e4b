// Changing the encryption key while the server runs: a new key seals, what older ones sealed is sealed anew, then they go.
import { stat } from 'node:fs/promises';
import { makeKey, type SecretBox } from '../base/secret.ts';
import { announcementsMissed, type Database } from '../db/database.ts';
import { writeAudit } from './audit-log.ts';
import { renewKeyCheck, replaceKeyFile, rereadKeys, type KeySource } from './encryption-key.ts';

/** Seals anew a batch of what is not sealed with the box's key of now; gives how many it was, 0 when none is left. */
export type Reseal = (db: Database, box: SecretBox) => Promise<number>;

export interface KeyRotation {
  /** Where the file holds the key, makes a new one; seals everything anew with the first key of the ring. */
  rotate(personId: number): Promise<{ readonly keyId: string; readonly resealed: number }>;
  /** Seals anew what is left, and drops earlier keys from the file when nobody can need them any more. */
  tidy(): Promise<void>;
}

export interface RotationContext {
  readonly db: Database;
  readonly box: SecretBox;
  readonly source: KeySource;
  now(): number;
  onError(error: unknown): void;
}

const keysChanged = 'keys.changed';
/** For so long another node may still seal with an earlier key that it has in memory. */
const keepEarlierMs = 3_600_000;

export function createKeyRotation(context: RotationContext, reseals: readonly Reseal[]): KeyRotation {
  const { db, box, source, onError } = context;
  db.listen(({ topic }) => {
    if (topic !== keysChanged && topic !== announcementsMissed) return;
    try {
      turn(context);
    } catch (error) {
      onError(error);
    }
  });
  const resealAll = async () => {
    let resealed = 0;
    for (const reseal of reseals) {
      for (let count = await reseal(db, box); count > 0; count = await reseal(db, box)) resealed += count;
    }
    await db.transaction((tx) => renewKeyCheck(tx, box));
    return resealed;
  };
  return {
    async rotate(personId) {
      if (source.path !== null) await replaceKeyFile(source.path, [makeKey(), ...rereadKeys(source)]);
      turn(context);
      await db.transaction(async (tx) => {
        const entry = { action: 'change', objectKind: 'encryptionKey', objectId: null } as const;
        await writeAudit(tx, { ...entry, personId, after: { keyId: box.keyId } });
        db.announce(tx, { topic: keysChanged, flowId: null, ids: [] });
      });
      return { resealed: await resealAll(), keyId: box.keyId };
    },
    async tidy() {
      if (box.keyCount === 1) return;
      await resealAll();
      if (source.path === null || (await isYoung(context, source.path))) return;
      await replaceKeyFile(source.path, rereadKeys(source).slice(0, 1));
      turn(context);
    },
  };
}

function turn({ box, source }: RotationContext): void {
  const keys = rereadKeys(source);
  if (keys.length > 0) box.turn(keys);
}

async function isYoung({ now }: RotationContext, path: string): Promise<boolean> {
  return now() - (await stat(path)).mtimeMs < keepEarlierMs;
}
