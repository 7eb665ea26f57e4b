// Where a setting comes from, and what is said of a wrong one.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readConfig, readConfigFile, type ConfigSources, warnOfUnknown } from './config-source.ts';
import { settings } from './config.ts';
import { SettingError } from './setting-kind.ts';

const read = (sources: Partial<ConfigSources> = {}) =>
  readConfig({ env: {}, flags: {}, file: {}, ...sources });

describe('settings', () => {
  it('have the defaults that outside scripts rely on', () => {
    const config = read();
    assert.equal(config.port, 3005);
    assert.equal(config.host, '127.0.0.1');
    assert.equal(config.dataDir, './data');
    assert.deepEqual(config.roles, ['api', 'jobs', 'webhooks']);
    assert.equal(config.databaseUrl, null);
  });

  it('come from the flag before the environment before the file', () => {
    const file = { port: 1 };
    const env = { PORT: '2' };
    const flags = { port: '3' };
    assert.equal(read({ file }).port, 1);
    assert.equal(read({ file, env }).port, 2);
    assert.equal(read({ file, env, flags }).port, 3);
  });

  it('are told from variables that look like some', () => {
    const env = {
      FLOWHOOK_PORT: '1',
      FLOWHOOK_DATA_DIRS: 'x',
      FLOWHOOK_DATA_DIR: 'y',
      FLOWHOOK_TOKEN: 't',
      PORTS: '2',
    };
    assert.deepEqual(warnOfUnknown(env), [
      'FLOWHOOK_PORT is no setting, and is ignored: PORT is one.',
      'FLOWHOOK_DATA_DIRS is no setting, and is ignored: docs/settings.md lists all.',
    ]);
  });

  it('take an empty variable as none', () => {
    assert.equal(read({ env: { PORT: '', DATABASE_URL: '' } }).port, 3005);
  });

  it('read lists as text, JSON and YAML', () => {
    assert.deepEqual(read({ env: { FLOWHOOK_DATA_ROOTS: '/a, /b' } }).dataRoots, ['/a', '/b']);
    assert.deepEqual(read({ env: { FLOWHOOK_DATA_ROOTS: '["/a"]' } }).dataRoots, ['/a']);
    assert.deepEqual(read({ file: { 'data-roots': ['/a'] } }).dataRoots, ['/a']);
    assert.deepEqual(read({ file: { 'retry-schedule': [5, 30] } }).retrySchedule, [5, 30]);
    assert.deepEqual(read({ env: { FLOWHOOK_RETRY_SCHEDULE: '5,0.5' } }).retrySchedule, [5, 0.5]);
  });

  const wrong: [variable: string, value: string, says: RegExp][] = [
    ['PORT', 'http', /^PORT: must be a port number, 0 to 65535\. It was "http"\.$/u],
    ['PORT', '70000', /0 to 65535/u],
    ['ROLES', 'api,cook', /api, jobs, webhooks/u],
    ['FLOWHOOK_BASE_URL', 'flowhook.example.com', /http:\/\/ or https:\/\//u],
    ['FLOWHOOK_RETRY_SCHEDULE', '5,-1', /waits in seconds/u],
    ['FLOWHOOK_ALLOWED_URL_REGEXES', '^https://a', /JSON list/u],
    ['FLOWHOOK_JOB_MEMORY', 'much', /512MB/u],
    ['FLOWHOOK_DATA_ROOTS', '[1', /list/u],
    ['FLOWHOOK_LOG_LEVEL', 'loud', /trace, debug/u],
    ['FLOWHOOK_STOP_SECONDS', '0', /at least 1/u],
  ];
  for (const [variable, value, says] of wrong)
    it(`say what ${variable} may be instead of ${value}`, () => {
      assert.throws(
        () => read({ env: { [variable]: value } }),
        (error: unknown) =>
          error instanceof SettingError && says.test(error.message) && error.message.startsWith(variable),
      );
    });

  it('name the flag or the line of the file where that was wrong', () => {
    assert.throws(() => read({ flags: { port: 'x' } }), /--port: must be a port number/u);
    assert.throws(() => read({ file: { port: 'x' } }), /port in the config file/u);
    assert.throws(() => read({ file: { prot: 1 } }), /"prot" that is not known\. Known are: port, /u);
  });

  it('have names of their own, and those with secrets are marked', () => {
    const all = Object.values(settings);
    assert.equal(new Set(all.map(({ env }) => env)).size, all.length);
    assert.equal(new Set(all.map(({ flag }) => flag)).size, all.length);
    for (const setting of all)
      assert.equal(
        'secret' in setting,
        /PASSWORD|TOKEN|KEY|SECRET|DATABASE_URL/u.test(setting.env),
        setting.env,
      );
  });
});

describe('the config file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flowhook-config-'));
  after(() => rmSync(folder, { recursive: true }));
  const write = (text: string) => {
    const path = join(folder, 'flowhook.yaml');
    writeFileSync(path, text);
    return path;
  };

  it('is YAML with a name a line', () => {
    assert.deepEqual(readConfigFile(write('port: 4000\nroles: [api]\n')), { port: 4000, roles: ['api'] });
    assert.deepEqual(readConfigFile(write('')), {});
  });

  it('is refused where it is something else', () => {
    for (const text of ['- a\n- b\n', 'just words', 'a: [', 'a: 1\na: 2'])
      assert.throws(() => readConfigFile(write(text)), SettingError, text);
    assert.throws(() => readConfigFile(join(folder, 'missing.yaml')), /missing\.yaml can't be read/u);
  });
});
