// Parameters in a session: bound as typed variables, which recipes read as parameter('name').
import type { Parameter, ParameterType } from '../../engine.ts';
import { quoteName } from '../quote.ts';
import type { Session } from './session.ts';

const types: Readonly<Record<ParameterType, string>> = {
  text: 'VARCHAR',
  integer: 'BIGINT',
  number: 'DOUBLE',
  boolean: 'BOOLEAN',
  date: 'DATE',
  datetime: 'TIMESTAMP',
};

/** Binds the values and makes `parameter`; recipes can't call what stands behind it. */
export async function bindParameters(session: Session, parameters: readonly Parameter[]): Promise<void> {
  for (const { name, type, value } of parameters)
    await session.connection.run(`SET VARIABLE ${quoteName(name)} = CAST($1 AS ${types[type]})`, [value]);
  await session.run('CREATE MACRO main.parameter(name) AS getvariable(name)');
}
