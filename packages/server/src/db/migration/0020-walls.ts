// Which token a token was made with, and how much the caller of a kept reply might see.

export const walls = `
alter table access_tokens add column parent_id text;
create index access_tokens_parent on access_tokens (parent_id) where parent_id is not null;
alter table idempotency_keys add column flow_ids text;
`;
