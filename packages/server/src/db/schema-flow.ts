// The tables of people, workspace and flows as TypeScript sees them: migration/0001 word for word.
import type {
  DatasetCompression,
  DatasetFormat,
  DatasetOrigin,
} from '@flowhook/contract/flow/dataset-source';
import type { WriteFormat } from '@flowhook/contract/flow/write-setting';
import type { Generated } from 'kysely';

/** Epoch milliseconds. */
type Time = number;
/** 0 or 1. */
type Flag = number;

export interface PeopleTable {
  id: Generated<number>;
  email: string;
  name: string;
  role: 'administrator' | 'author' | 'viewer';
  password_hash: string | null;
  created_at: Time;
  updated_at: Time;
  deleted_at: Time | null;
}

export interface SessionsTable {
  token_hash: string;
  person_id: number;
  created_at: Time;
  expires_at: Time;
}

export interface PersonIdentitiesTable {
  issuer: string;
  subject: string;
  person_id: number;
  created_at: Time;
}

export interface AccessTokensTable {
  id: Generated<number>;
  token_id: string;
  token_hash: string;
  person_id: number;
  description: string;
  read_only: Flag;
  flow_ids: string | null;
  created_at: Time;
  expires_at: Time | null;
  last_used_at: Time | null;
  /** The token that it was made with. */
  parent_id: string | null;
}

export interface IdempotencyKeysTable {
  person_id: number;
  key: string;
  route: string;
  body_hash: string;
  status: number | null;
  reply: string | null;
  created_at: Time;
  expires_at: Time | null;
  /** What the token of the first call was narrowed to, as JSON; null where to nothing. */
  flow_ids: string | null;
  /** What the call made, as JSON, from the transaction that made it on; the reply follows. */
  made: string | null;
}

export interface WorkspaceSettingsTable {
  key: string;
  value: string;
  updated_at: Time;
  updater_id: number | null;
}

export interface AuditLogTable {
  id: Generated<number>;
  at: Time;
  person_id: number | null;
  action: string;
  object_kind: string;
  object_id: number | null;
  before_value: string | null;
  after_value: string | null;
}

export interface NodesTable {
  id: Generated<number>;
  name: string;
  started_at: Time;
  /** When it was told to stop: its end is no crash. */
  stopping_at: Time | null;
  stopped_at: Time | null;
  takes_reports: Generated<Flag>;
}

export interface FlowsTable {
  id: Generated<number>;
  name: string;
  description: string | null;
  owner_id: number;
  task_revision: Generated<number>;
  creator_id: number | null;
  updater_id: number | null;
  created_at: Time;
  updated_at: Time;
  deleted_at: Time | null;
}

export interface FlowGrantsTable {
  flow_id: number;
  person_id: number;
  role: 'editor' | 'viewer';
  created_at: Time;
}

export interface DatasetsTable {
  id: Generated<number>;
  name: string;
  description: string | null;
  owner_id: number;
  origin: DatasetOrigin;
  uri: string;
  format: DatasetFormat;
  compression: DatasetCompression;
  options: string;
  columns: string;
  size_bytes: number | null;
  file_version: Generated<number>;
  pattern: string | null;
  creator_id: number | null;
  updater_id: number | null;
  created_at: Time;
  updated_at: Time;
  deleted_at: Time | null;
}

export interface FlowNodesTable {
  id: Generated<number>;
  flow_id: number;
  kind: 'dataset' | 'recipe';
  dataset_id: number | null;
  /** The dataset's owner has put it there. */
  lent: Generated<Flag>;
  /** It came to the flow's owner with the flow, and neither they nor its own owner have added it since. */
  passed_on: Generated<Flag>;
  created_at: Time;
  deleted_at: Time | null;
}

export interface RecipesTable {
  id: number;
  flow_id: number;
  name: string;
  description: string | null;
  sql_text: string | null;
  dialect: Generated<string>;
  primary_input_id: number | null;
  columns: string | null;
  creator_id: number | null;
  updater_id: number | null;
  created_at: Time;
  updated_at: Time;
  deleted_at: Time | null;
}

export interface RecipeNotesTable {
  recipe_id: number;
  note: string;
}

export interface RecipeInputsTable {
  recipe_id: number;
  input_id: number;
}

export interface OutputsTable {
  id: Generated<number>;
  flow_id: number;
  recipe_id: number;
  is_adhoc: Flag;
  execution: string;
  engine: string;
  profiler: Flag;
  creator_id: number | null;
  updater_id: number | null;
  created_at: Time;
  updated_at: Time;
  deleted_at: Time | null;
}

export interface WriteSettingsTable {
  id: Generated<number>;
  output_id: number;
  path: string;
  action: 'create' | 'overwrite' | 'append';
  format: WriteFormat;
  compression: 'none' | 'gzip' | 'snappy' | 'zstd';
  header: Flag;
  as_single_file: Flag;
  delim: string;
  has_quotes: Flag;
  null_text: Generated<string>;
  creator_id: number | null;
  updater_id: number | null;
  created_at: Time;
  updated_at: Time;
  deleted_at: Time | null;
}

/** Whether a row still holds is told by `flows/places/place-store.ts`. */
export interface PlacesTable {
  key: string;
  path: string;
  flow_id: number;
  recipe_id: number | null;
  /** The path of the write setting that it was made of; empty for an output without any, null where a launch chose it. */
  template: string | null;
  creates: Flag;
  replaces: Flag;
  claimed_at: Time;
  /** Of what is written over: the newest job whose result stands there. */
  newest_job_id: number | null;
  /** How what stands there was written: `flows/places/place-form.ts`. */
  form: string | null;
  /** Whose turn it is to put files there: `jobs/placing/place-turn.ts`. */
  placing_job_id: number | null;
  placing_attempt: number | null;
  placing_node: number | null;
  placing_until: Time | null;
}

/** One row until the places of files up to this one have their owners. */
export interface PlaceTakeoversTable {
  last_file_id: number;
}
