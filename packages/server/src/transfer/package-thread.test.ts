// Proves that reading a large package keeps nobody waiting, and that no spelling of JSON5 hides how deep it is.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Problem } from '../base/error.ts';
import { startServer, type TestServer } from '../../test/server.ts';
import { formHeaders, writeForm } from '../../test/upload-form.ts';
import { writePackageFile } from './package-file.ts';
import { readPackageAside } from './package-thread.ts';
import { readPackageText } from './package-text.ts';

describe('A large package', () => {
  let server: TestServer;
  before(async () => {
    server = await startServer('sqlite');
  });
  after(() => server.stop());

  /** Asks for a dry run, and for the health again and again meanwhile; gives the longest wait as a share of the whole. */
  const measure = async (text: string) => {
    const content = await writePackageFile({ name: 'flow.json', text });
    const began = performance.now();
    let ended = false;
    const path = '/v4/flows/package/dryRun';
    const body = writeForm({ fileName: 'flow.zip', content });
    const asked = server.author
      .send('POST', path, { headers: formHeaders, body })
      .finally(() => (ended = true));
    let [longest, pings] = [0, 0];
    while (!ended) {
      const before = performance.now();
      assert.equal((await server.nobody.send('GET', '/healthz')).status, 200);
      longest = Math.max(longest, performance.now() - before);
      pings += 1;
    }
    const { status, text: answer } = await asked;
    return { status, answer, pings, share: longest / (performance.now() - began) };
  };

  // Digits that pack badly enough to be no bomb.
  const digits = Array.from({ length: 2_000_000 }, (_, at) => (at * 7919) % 9_999_991).join(',');

  for (const [name, text, status] of [
    ['of JSON that is cut off', `{"a": [${digits}`, 400],
    ['of JSON5 that is cut off', `// 5\n{a: [${digits.slice(0, 4_000_000)}`, 400],
    ['of another thing', `{"a": [${digits}]}`, 400],
  ] as const)
    it(`${name} is judged while others are answered`, async () => {
      const { status: got, answer, pings, share } = await measure(text);
      assert.equal(got, status, answer);
      assert.ok(pings > 3 && share < 0.5, `${pings} answers, the longest took ${share} of the time`);
    });

  it('says in a thread what it says without one', async () => {
    const long = ' '.repeat(100_000);
    assert.deepEqual(await readPackageAside({ text: `{"a": 1}${long}`, field: 'file' }), { a: 1 });
    for (const text of [`{"a": }${long}`, `[[${long}`, `${'['.repeat(300)}${long}`]) {
      const here = catchProblem(() => readPackageText(text, 'file'));
      await assert.rejects(readPackageAside({ text, field: 'file' }), (error: unknown) => {
        assert.ok(error instanceof Problem);
        assert.deepEqual(
          [error.code, error.message, error.errors, error.more],
          [here.code, here.message, here.errors, here.more],
        );
        return true;
      });
    }
  });

  for (const end of ['\n', '\r', '\u2028', '\u2029'])
    it(`of JSON5 has its depth counted behind a comment that ends in ${JSON.stringify(end)}`, () => {
      const deep = `//${end}${'['.repeat(100_000)}`;
      assert.match(catchProblem(() => readPackageText(deep, 'file')).message, /nested deeper than 200/u);
    });
});

function catchProblem(call: () => unknown): Problem {
  try {
    call();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('nothing was wrong');
}
