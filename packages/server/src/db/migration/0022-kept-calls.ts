// What a call with an Idempotency-Key has made, written in the transaction that made it.

export const keptCalls = `
alter table idempotency_keys add column made text;
`;
