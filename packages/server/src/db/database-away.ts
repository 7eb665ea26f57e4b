// Pure: errors that say that the database can't be used at the moment, though nothing is wrong with what was asked.

/** PostgreSQL: no connection, shutting down, too many, read-only, no disk, out of memory, waited too long for a lock or an answer. */
const postgresCodes = /^(?:08\w{3}|57P0\d|57014|53\w{3}|25006|25P03|55P03|40001|40P01|58\w{3})$/u;
const networkCodes = /^(?:ECONN\w+|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/u;
const sqliteCodes = /^SQLITE_(?:BUSY|READONLY|FULL|IOERR|CANTOPEN|LOCKED|NOMEM)/u;
/** Of the driver, which gives them no code. */
const driverWords =
  /^(?:timeout exceeded when trying to connect|Connection terminated|Client has encountered a connection error|The database has not answered|the pool is closed|Cannot use a pool after)/u;

export function isDatabaseAway(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isDatabaseAway);
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  if (postgresCodes.test(code) || sqliteCodes.test(code) || driverWords.test(error.message)) return true;
  // Of a connection to the database, not of one that a route makes: those are data there, and never thrown.
  return networkCodes.test(code);
}
