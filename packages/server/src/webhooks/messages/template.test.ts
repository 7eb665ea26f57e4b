// Proves the template language: what is a reference, and that a value never leaves its place.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { anyFacts, hostileText, makeFacts } from '../../../test/webhook-facts.ts';
import { makeSampleFacts, readFacts, writeFacts, type Facts } from './fact.ts';
import { maskedText, fillSecrets, freezeBody, maskSecrets, packBody, unpackBody } from './frozen-body.ts';
import { allReferences, findReference } from './reference.ts';
import { suggestReference } from './reference-suggestion.ts';
import { maxBodyBytes } from './oversize.ts';
import { parseTemplate, writeText } from './template.ts';

const NONE = new Map<string, string>();

function render(
  text: string,
  facts: Facts = makeFacts(),
  secrets: ReadonlyMap<string, string> = NONE,
): string {
  const frozen = freezeBody(parseTemplate(text), facts);
  assert.ok(frozen.ok);
  return fillSecrets(frozen.body, secrets);
}

test('references are filled where people mean them', () => {
  assert.equal(
    render('{"text":"Job $jobId has completed. Status: $jobStatus."}'),
    '{"text":"Job 1042 has completed. Status: Complete."}',
  );
  assert.equal(render('Job $jobId. $jobId-1 ($jobStatus)'), 'Job 1042. 1042-1 (Complete)');
  assert.equal(render('$jobIdが完了'), '1042が完了');
  assert.equal(render('$flowName:$recipeId/$jobId'), 'Sales:12/1042');
});

test('what is no reference stays as it is', () => {
  for (const text of [
    '$jobIdX',
    '$jobId_x',
    '$jobid',
    '$5',
    '$',
    'a $ b',
    '$secret',
    '$-x',
    '${jobId',
    '$é',
    '$secret.',
    '$_x',
  ]) {
    assert.equal(render(text), text);
  }
  assert.deepEqual(parseTemplate('$jobIdX $jobid $x $x $5').unknownNames, ['jobIdX', 'jobid', 'x']);
});

test('two dollars are one, and end a name before it begins', () => {
  assert.equal(render('$$jobId'), '$jobId');
  assert.equal(render('$$$jobId'), '$1042');
  assert.equal(render('$$$$'), '$$');
  assert.equal(render('Cost: $$5'), 'Cost: $5');
});

test('in a JSON body a value fits its place, in quotes or outside', () => {
  const facts = makeFacts({ flow: { id: 7, name: 'A "quoted" \\ name\n' } });
  const text =
    '{"n": $rows, "t": "$flowName", "f": $files, "s": $flowName, "e": $error, "both": "$rows of $files"}';
  assert.deepEqual(JSON.parse(render(text, facts)), {
    n: 1000,
    t: facts.flow.name,
    f: facts.files,
    s: facts.flow.name,
    e: null,
    both: `1000 of ${JSON.stringify(facts.files)}`,
  });
});

test('a body is JSON only where every value would fit', () => {
  for (const text of [
    '{"a": $rows}',
    ' [ $files ]',
    '"$flowName"',
    '{"$jobId": 1}',
    '{"a":"\\\\$flowName"}',
    '{}',
  ]) {
    assert.equal(parseTemplate(text).isJson, true, text);
  }
  const others = [
    '$files',
    '$jobId',
    '{"a": 1$rows}',
    '{$jobId: 1}',
    '["\\$jobId", "]',
    '{"a": $unknown}',
    '{"a":"\\u00$jobId"}',
    '',
    '12',
  ];
  for (const text of others) assert.equal(parseTemplate(text).isJson, false, text);
  assert.equal(render('$jobStatus'), 'Complete');
});

const anyReference = fc.constantFrom(...allReferences.map((reference) => reference.name));

test('whatever the facts hold, a JSON body means the values put into its structure', () => {
  const member = fc.record({ name: anyReference, quoted: fc.boolean(), prefix: fc.string({ maxLength: 5 }) });
  fc.assert(
    fc.property(fc.array(member, { maxLength: 6 }), anyFacts, (members, facts) => {
      const safe = members.map((each) => ({ ...each, prefix: each.prefix.replaceAll('$', '') }));
      const parts = safe.map(({ name, quoted, prefix }) =>
        quoted ? `${JSON.stringify(prefix).slice(0, -1)}$${name} "` : `$${name}`,
      );
      const values = safe.map(({ name, quoted, prefix }) => {
        const value = findReference(name)?.read(facts) ?? null;
        return quoted ? `${prefix}${writeText(value)} ` : value;
      });
      const plain: unknown = JSON.parse(JSON.stringify(values));
      assert.deepEqual(JSON.parse(render(`[${parts.join(', ')}]`, facts)), plain);
    }),
    { numRuns: 500 },
  );
});

test('inserted text is never read again, and text without references is sent as it is', () => {
  fc.assert(
    fc.property(hostileText, hostileText, (name, tail) => {
      const facts = makeFacts({ flow: { id: 1, name } });
      const clean = name.toWellFormed().replaceAll('\0', '\uFFFD');
      const secrets = new Map([['key', 'leaked']]);
      assert.equal(render('<$flowName>', facts, secrets), `<${clean}>`);
      const plain = tail.replaceAll('$', '');
      assert.equal(render(plain), plain);
      assert.equal(render(tail.replaceAll('$', '$$$$')), tail);
    }),
  );
});

test('every text is a template, and freezing it never throws', () => {
  fc.assert(
    fc.property(fc.oneof(hostileText, fc.json()), anyFacts, (text, facts) => {
      const frozen = freezeBody(parseTemplate(text), facts);
      assert.ok(frozen.ok);
      assert.deepEqual(unpackBody(packBody(frozen.body)), frozen.body);
    }),
  );
  assert.equal(unpackBody(packBody('\u0001["$jobId"]')), '\u0001["$jobId"]');
  const unreadable = {
    get job(): Facts['job'] {
      throw new Error('unreadable');
    },
  } as Facts;
  const broken = freezeBody(parseTemplate('$jobId'), unreadable);
  assert.ok(!broken.ok && broken.reason === 'body_failed');
});

test('a body over 1 MiB is refused as data, however it grows', () => {
  const facts = makeFacts({ flow: { id: 1, name: 'é'.repeat(1000) } });
  const frozen = freezeBody(parseTemplate('$flowName'.repeat(1000)), facts);
  assert.ok(!frozen.ok && frozen.reason === 'body_too_large');
  assert.ok(freezeBody(parseTemplate('x'.repeat(maxBodyBytes)), facts).ok);
  assert.ok(!freezeBody(parseTemplate('x'.repeat(maxBodyBytes + 1)), facts).ok);
});

test('a secret is left open when frozen, filled with escapes when sent, and masked when shown', () => {
  const secrets = new Map([['key', 'a"b\\c']]);
  const frozen = freezeBody(
    parseTemplate('{"k": "$secret.key", "v": $secret.key, "id": $jobId}'),
    makeFacts(),
  );
  assert.ok(frozen.ok);
  const stored = unpackBody(packBody(frozen.body));
  assert.deepEqual(JSON.parse(fillSecrets(stored, secrets)), { k: 'a"b\\c', v: 'a"b\\c', id: 1042 });
  assert.deepEqual(JSON.parse(maskSecrets(stored)), { k: maskedText, v: maskedText, id: 1042 });
  assert.deepEqual(JSON.parse(fillSecrets(stored, NONE)), { k: '$secret.key', v: '$secret.key', id: 1042 });
  assert.equal(render('key=$secret.key', makeFacts(), secrets), 'key=a"b\\c');
  assert.equal(render('$$secret.key', makeFacts(), secrets), '$secret.key');
});

test('no secret comes in by inserted text', () => {
  const facts = makeFacts({ flow: { id: 1, name: '$secret.key' } });
  const frozen = freezeBody(parseTemplate('$flowName'), facts);
  assert.ok(frozen.ok);
  assert.equal(fillSecrets(unpackBody(packBody(frozen.body)), new Map([['key', 'hush']])), '$secret.key');
});

test('external facts are read by key; what was not reported is null', () => {
  const facts = makeFacts({ external: { version: '1.4', counts: [1, 2] } });
  assert.equal(
    render('{"v": $facts.version, "n": $facts.none, "all": $facts}', facts),
    '{"v": "1.4", "n": null, "all": {"version":"1.4","counts":[1,2]}}',
  );
  assert.equal(
    render('v$facts.version.zip [$facts.none] $facts.constructor$facts.', facts),
    `v1.4.zip [] ${JSON.stringify(facts.external)}.`,
  );
});

test('parameters are read by name without letter case, those of the run and the environment by both parts', () => {
  const parameters = { Region: 'a"b', least: 3, 'run.date': '2026-01-02', 'env.stage': 'prod', run: 'x' };
  const facts = makeFacts({ parameters });
  assert.equal(
    render(
      '{"r": "$parameter.region", "n": $parameter.least, "d": "$parameter.run.date", "x": $parameter.none}',
      facts,
    ),
    '{"r": "a\\"b", "n": 3, "d": "2026-01-02", "x": null}',
  );
  assert.equal(
    render('$parameter.env.stage. $parameter.run. $parameter.region.zip $parameterx', facts),
    'prod. x. a"b.zip $parameterx',
  );
  assert.deepEqual(JSON.parse(render('{"all": $parameter}', facts)), { all: parameters });
  assert.equal(render('$constructor.name', facts), '$constructor.name');
});

test('the table of references reads any facts as JSON, with a kind that is true', () => {
  assert.equal(new Set(allReferences.map((reference) => reference.name)).size, allReferences.length);
  fc.assert(
    fc.property(anyReference, anyFacts, (name, facts) => {
      const reference = findReference(name);
      const value = reference?.read(facts) ?? null;
      if (value !== null && reference?.kind === 'text') assert.equal(typeof value, 'string');
      if (value !== null && reference?.kind === 'number') assert.equal(typeof value, 'number');
    }),
  );
});

test('a misspelt name gets the nearest known one', () => {
  assert.equal(suggestReference('jobid'), 'jobId');
  assert.equal(suggestReference('jobStatu'), 'jobStatus');
  assert.equal(suggestReference('flow_name'), 'flowName');
  assert.equal(suggestReference('orderby'), null);
  assert.equal(suggestReference('x'.repeat(10_000)), null);
});

test('facts are stored as JSON without loss, and another version is refused', () => {
  fc.assert(
    fc.property(anyFacts, (facts) =>
      assert.deepEqual(readFacts(writeFacts(facts)), JSON.parse(JSON.stringify(facts))),
    ),
  );
  assert.throws(() => readFacts('{"version":2}'), /version 2/u);
  const sample = makeSampleFacts({
    now: 0,
    baseUrl: 'http://h',
    flow: { id: 1, name: 'F' },
    recipe: null,
    person: null,
  });
  assert.deepEqual(readFacts(writeFacts(sample)), sample);
});
