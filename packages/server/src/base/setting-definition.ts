// What one row of a table of settings is.
import type { SettingKind } from './setting-kind.ts';

export interface Setting<Value> {
  readonly env: string;
  /** Without its dashes; also the name in the config file. */
  readonly flag: string;
  readonly kind: SettingKind<Value>;
  readonly fallback: Value;
  readonly help: string;
  /** Never shown, not even in an error. */
  readonly secret?: true;
}

/** One row of a table. */
export function define<Value>(
  env: string,
  flag: string,
  kind: SettingKind<Value>,
  fallback: Value,
  help: string,
): Setting<Value> {
  return { env, flag, kind, fallback, help };
}

/** The values that a table of settings gives. */
export type ConfigOf<Table> = {
  readonly [Name in keyof Table]: Table[Name] extends Setting<infer Value> ? Value : never;
};
