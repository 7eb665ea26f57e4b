// The first tables: people, the workspace, and what can be run.

/** `$ID` and `$BYTES` are the two words in which the dialects differ; migrate.ts puts them in. */
export const peopleAndFlows = `
create table people (
  id $ID,
  email text not null,
  name text not null,
  role text not null check (role in ('administrator', 'author', 'viewer')),
  password_hash text,
  created_at bigint not null,
  updated_at bigint not null,
  deleted_at bigint
);
create unique index people_email on people (email) where deleted_at is null;

create table sessions (
  token_hash text primary key,
  person_id bigint not null references people (id),
  created_at bigint not null,
  expires_at bigint not null
);
create index sessions_person on sessions (person_id);

create table access_tokens (
  id $ID,
  token_id text not null unique,
  token_hash text not null unique,
  person_id bigint not null references people (id),
  description text not null,
  read_only integer not null check (read_only in (0, 1)),
  flow_ids text,
  created_at bigint not null,
  expires_at bigint,
  last_used_at bigint
);
create index access_tokens_person on access_tokens (person_id);

create table idempotency_keys (
  person_id bigint not null references people (id),
  key text not null,
  route text not null,
  body_hash text not null,
  status integer,
  reply text,
  created_at bigint not null,
  expires_at bigint,
  primary key (person_id, key, route)
);
create index idempotency_keys_expiry on idempotency_keys (expires_at) where expires_at is not null;

create table workspace_settings (
  key text primary key,
  value text not null,
  updated_at bigint not null,
  updater_id bigint references people (id)
);

create table audit_log (
  id $ID,
  at bigint not null,
  person_id bigint references people (id),
  action text not null,
  object_kind text not null,
  object_id bigint,
  before_value text,
  after_value text
);

create table nodes (
  id $ID,
  name text not null,
  started_at bigint not null,
  stopped_at bigint
);

create table flows (
  id $ID,
  name text not null,
  description text,
  owner_id bigint not null references people (id),
  task_revision bigint not null default 0,
  creator_id bigint references people (id),
  updater_id bigint references people (id),
  created_at bigint not null,
  updated_at bigint not null,
  deleted_at bigint
);
create index flows_owner on flows (owner_id);

create table flow_grants (
  flow_id bigint not null references flows (id),
  person_id bigint not null references people (id),
  role text not null check (role in ('editor', 'viewer')),
  created_at bigint not null,
  primary key (flow_id, person_id)
);
create index flow_grants_person on flow_grants (person_id);

create table datasets (
  id $ID,
  name text not null,
  description text,
  owner_id bigint not null references people (id),
  origin text not null check (origin in ('upload', 'uri', 'waiting')),
  uri text not null,
  format text not null check (format in ('csv', 'tsv', 'json', 'ndjson', 'parquet')),
  compression text not null check (compression in ('none', 'gzip', 'zstd')),
  options text not null,
  columns text not null,
  size_bytes bigint,
  file_version integer not null default 1,
  creator_id bigint references people (id),
  updater_id bigint references people (id),
  created_at bigint not null,
  updated_at bigint not null,
  deleted_at bigint
);

create table flow_nodes (
  id $ID,
  flow_id bigint not null references flows (id),
  kind text not null check (kind in ('dataset', 'recipe')),
  dataset_id bigint references datasets (id),
  created_at bigint not null,
  deleted_at bigint,
  check ((kind = 'dataset') = (dataset_id is not null))
);
create index flow_nodes_flow on flow_nodes (flow_id);
create index flow_nodes_dataset on flow_nodes (dataset_id) where dataset_id is not null;
create unique index flow_nodes_once on flow_nodes (flow_id, dataset_id) where deleted_at is null;

create table recipes (
  id bigint primary key references flow_nodes (id),
  flow_id bigint not null references flows (id),
  name text not null,
  description text,
  sql_text text,
  dialect text not null default 'duckdb',
  primary_input_id bigint references flow_nodes (id),
  columns text,
  creator_id bigint references people (id),
  updater_id bigint references people (id),
  created_at bigint not null,
  updated_at bigint not null,
  deleted_at bigint
);
create index recipes_flow on recipes (flow_id);

create table recipe_inputs (
  recipe_id bigint not null references recipes (id),
  input_id bigint not null references flow_nodes (id),
  primary key (recipe_id, input_id)
);
create index recipe_inputs_input on recipe_inputs (input_id);

create table outputs (
  id $ID,
  flow_id bigint not null references flows (id),
  recipe_id bigint not null references recipes (id),
  is_adhoc integer not null check (is_adhoc in (0, 1)),
  execution text not null,
  engine text not null,
  profiler integer not null check (profiler in (0, 1)),
  creator_id bigint references people (id),
  updater_id bigint references people (id),
  created_at bigint not null,
  updated_at bigint not null,
  deleted_at bigint
);
create unique index outputs_once on outputs (recipe_id, is_adhoc) where deleted_at is null;
create index outputs_flow on outputs (flow_id);

create table write_settings (
  id $ID,
  output_id bigint not null references outputs (id),
  path text not null,
  action text not null check (action in ('create', 'overwrite', 'append')),
  format text not null check (format in ('csv', 'json', 'pqt')),
  compression text not null check (compression in ('none', 'gzip', 'snappy', 'zstd')),
  header integer not null check (header in (0, 1)),
  as_single_file integer not null check (as_single_file in (0, 1)),
  delim text not null,
  has_quotes integer not null check (has_quotes in (0, 1)),
  creator_id bigint references people (id),
  updater_id bigint references people (id),
  created_at bigint not null,
  updated_at bigint not null,
  deleted_at bigint
);
create index write_settings_output on write_settings (output_id);
`;
