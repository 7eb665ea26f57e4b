// The second lock: what DuckDB itself refuses in a session, should SQL ever get past the judge.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { allowedTableFunctions, refusedFunctions } from '../recipe/judge.ts';
import { openSession, type Session } from './session.ts';

void describe('a session', () => {
  let folder: string;
  let session: Session;
  const home = process.cwd();

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flowhook-session-'));
    await writeFile(join(folder, 'b1x.csv'), 'a\n666\n');
    await writeFile(join(folder, 'b[1]x.csv'), 'a\n1\n');
    await mkdir(join(folder, 'work/in'), { recursive: true });
    await mkdir(join(folder, 'work/out'));
    await symlink(join(folder, 'b[1]x.csv'), join(folder, 'work/in/0-0'));
    process.chdir(join(folder, 'work'));
    const limits = { memoryBytes: 200 * 2 ** 20, tempBytes: 100 * 2 ** 20, threads: 1 };
    session = await openSession({
      ...limits,
      readPaths: ['in/0-0'],
      writeFolder: 'out',
      scratchFile: 'scratch.db',
    });
  });
  after(async () => {
    session.close();
    process.chdir(home);
    await rm(folder, { recursive: true, force: true });
  });

  void it('reads its inputs by their links, whatever signs are in their names', async () => {
    assert.deepEqual(await session.rows("FROM read_csv('in/0-0')"), [{ a: '1' }]);
  });

  void it('writes its outputs and its scratch file', async () => {
    await session.run("COPY (SELECT 1 AS a) TO 'out/x.csv' (USE_TMP_FILE false)");
    assert.equal(await readFile('out/x.csv', 'utf8'), 'a\n1\n');
    await session.run('CREATE TABLE scratch.main.t AS SELECT 1 AS a');
  });

  void it('touches no other file, no network, no extension, no setting', async () => {
    const denied = [
      "FROM read_text('/etc/hostname')",
      `FROM read_csv('${join(folder, 'b1x.csv')}')`,
      "FROM glob('/etc/*')",
      "FROM read_text('../b1x.csv')",
      "COPY (SELECT 1) TO '/tmp/flowhook-x.csv'",
      "COPY (SELECT 1) TO 'in/x.csv'",
      "COPY (SELECT 1) TO '../x.csv'",
      "ATTACH '/tmp/flowhook-x.db'",
      "FROM 'https://127.0.0.1/x.csv'",
      'INSTALL httpfs',
      'LOAD httpfs',
      "SET memory_limit = '10GB'",
      'SET enable_external_access = true',
      'RESET lock_configuration',
      "SET temp_directory = '/tmp'",
      'SET autoload_known_extensions = true',
    ];
    for (const sql of denied)
      await assert.rejects(session.run(sql), /Permission|locked|disabled|does not exist|Invalid/, sql);
  });

  void it('has no function with side effects, and no table function, that the judge does not know of', async () => {
    const harmless = ['random', 'setseed', 'uuid', 'uuidv4', 'uuidv7', 'gen_random_uuid', 'error'];
    const effects = await session.rows(
      "SELECT DISTINCT function_name AS name FROM duckdb_functions() WHERE function_type = 'scalar' AND (has_side_effects OR stability = 'VOLATILE')",
    );
    const open = effects.map(({ name }) => String(name)).filter((name) => !refusedFunctions.has(name));
    assert.deepEqual(open.toSorted(), harmless.toSorted());
    const tables = await session.rows(
      "SELECT DISTINCT function_name AS name FROM duckdb_functions() WHERE function_type IN ('table', 'table_macro')",
    );
    const allowed = tables.map(({ name }) => String(name)).filter((name) => allowedTableFunctions.has(name));
    assert.deepEqual(allowed.toSorted(), [...allowedTableFunctions].toSorted());
  });
});
