// Whatever is sent, a request is read or refused with sentences: no schema throws.
import * as fc from 'fast-check';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { listOperations } from './openapi/open-api-document.ts';
import { examples } from './openapi/open-api-example.ts';
import { describeIssues } from './problem.ts';
import type { AnyEndpoint } from './endpoint.ts';

const wild = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.constantFrom(1e308, -0, '', ' ', '\u0000', '💥'.repeat(300), 'x'.repeat(300_000), [], {}, [[[]]]),
  fc.json().map((text) => JSON.parse(`{"__proto__": ${text}, "constructor": ${text}}`) as unknown),
);

/** A body that fits in most places: an example, or every member the schema knows, with some values gone wild. */
function spoil(operationId: string): fc.Arbitrary<unknown> {
  const example = (examples[operationId]?.body ?? {}) as Record<string, unknown>;
  const keys = [
    ...Object.keys(example),
    'flow',
    'flowId',
    'writeSettings',
    'overrides',
    'headers',
    'secrets',
  ];
  return fc
    .dictionary(fc.constantFrom(...keys), wild, { maxKeys: 4 })
    .map((spoiled) => ({ ...example, ...spoiled }));
}

function check(schema: AnyEndpoint['body'], value: unknown): void {
  const parsed = schema.safeParse(value);
  if (parsed.success) return;
  for (const { detail } of describeIssues(parsed.error)) {
    assert.doesNotMatch(detail, /Invalid input|Too (?:big|small)|received|undefined|\[object/u);
    assert.match(detail, /[.]$/u);
  }
}

const texts = fc.dictionary(
  fc.constantFrom('id', 'limit', 'offset', 'noLimit', 'state', 'from', 'statusCode', 'url', 'after'),
  fc.oneof(fc.string(), fc.constantFrom('1', '-1', '1e9', 'NaN', 'TRUE', '2026-01-02', '9'.repeat(400))),
);

describe('wild input', () => {
  for (const [operationId, { params, query, body }] of listOperations()) {
    it(`to ${operationId} is read or refused with sentences`, () => {
      // A route that takes no body ignores one.
      const taken = body.safeParse(undefined).success
        ? fc.constant(undefined)
        : fc.oneof(wild, spoil(operationId));
      fc.assert(fc.property(taken, (value) => check(body, value)));
      fc.assert(
        fc.property(texts, (value) => {
          check(params, value);
          check(query, value);
        }),
      );
    });
  }
});
