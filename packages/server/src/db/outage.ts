// Pure: whether an error is about the database as a whole, so that no other statement would fare better now.

/** Of PostgreSQL: connection lost, no resources, ended by an operator; of Node: the socket; of SQLite: the disk. */
const codes =
  /^(?:08|53|57P|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_|SQLITE_(?:FULL|IOERR|BUSY|READONLY|CANTOPEN|CORRUPT))/u;
const messages =
  /connection (?:terminated|timeout|ended|closed)|timeout exceeded when trying to connect|pool/iu;

export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return codes.test(code) || messages.test(error.message);
}
