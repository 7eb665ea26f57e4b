// The OpenAPI document: valid, whole, fresh, and free of what may never be read back.
import { Validator } from '@seriousme/openapi-schema-validator';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { endpoints } from '../endpoints.ts';
import { examples } from './open-api-example.ts';
import { buildDocument, listOperations } from './open-api-document.ts';

interface Operation {
  parameters: readonly unknown[];
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly requestBody?: unknown;
  readonly responses: Readonly<Record<string, unknown>>;
}
interface Document {
  readonly tags: readonly { name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const document = buildDocument('0.1.0');
const { paths, tags } = document as unknown as Document;
const operations = Object.values(paths).flatMap((path) => Object.values(path));

function follow(pointer: string): unknown {
  let value: unknown = document;
  for (const part of pointer.slice(2).split('/')) value = (value as Record<string, unknown>)?.[part];
  return value;
}

/** Every object inside, once; references are followed. */
function* walk(value: unknown, seen = new Set<unknown>()): Generator<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  const object = value as Record<string, unknown>;
  yield object;
  for (const member of Object.values(object)) yield* walk(member, seen);
  if (typeof object['$ref'] === 'string') yield* walk(follow(object['$ref']), seen);
}

/** Says that there is a secret, and has no text in which it could stand. */
function isPlace(schema: unknown): boolean {
  const parts = [...walk(schema)];
  const names = new Set(parts.map(({ propertyNames }) => propertyNames));
  const texts = parts.filter((part) => part['type'] === 'string' && !('enum' in part) && !names.has(part));
  return texts.length === 0 && parts.some(({ $ref }) => $ref === '#/components/schemas/SecretPlace');
}

function find(path: string, method: string): Operation {
  const operation = paths[path]?.[method];
  assert.ok(operation, `${method} ${path} is missing`);
  return operation;
}

describe('the OpenAPI document', () => {
  it('is valid under an independent validator', async () => {
    const validator = new Validator();
    const result = await validator.validate(structuredClone(document));
    assert.ok(result.valid, JSON.stringify(result.errors, null, 2));
    assert.equal(validator.version, '3.1');
  });

  it('has every endpoint, each under one operation id', () => {
    for (const { method, path } of endpoints) {
      find(path.replaceAll(/:(\w+)/gu, '{$1}'), method.toLowerCase());
    }
    assert.equal(operations.length, endpoints.length);
    assert.equal(new Set(operations.map(({ operationId }) => operationId)).size, endpoints.length);
  });

  it('has no reference to nothing, and no component that nobody refers to', () => {
    const references = [...walk(document)].flatMap(({ $ref }) => (typeof $ref === 'string' ? [$ref] : []));
    for (const reference of references) assert.ok(follow(reference), `${reference} is not there`);
    for (const kind of ['schemas', 'responses', 'parameters', 'headers']) {
      for (const name of Object.keys(follow(`#/components/${kind}`) as object)) {
        assert.ok(references.includes(`#/components/${kind}/${name}`), `nobody refers to ${kind} ${name}`);
      }
    }
  });

  it('describes every tag that it uses', () => {
    const described = new Set(tags.map(({ name }) => name));
    for (const { tags } of operations) for (const tag of tags) assert.ok(described.has(tag), tag);
  });

  it('shows no write-only member in a reply', () => {
    const secret = new Set(['secretKey', 'secrets', 'password', 'newPassword', 'currentPassword']);
    for (const { operationId, responses } of operations) {
      for (const { properties } of walk(responses)) {
        const shown = Object.keys(properties ?? {}).filter(
          (name) => secret.has(name) && !isPlace((properties as Record<string, unknown>)[name]),
        );
        assert.deepEqual(shown, [], operationId);
      }
    }
  });

  it('lists the statuses that follow from a route, and those it names', () => {
    const statuses = (path: string, method: string) => Object.keys(find(path, method).responses);
    const changing = [
      '200',
      '400',
      '401',
      '403',
      '404',
      '408',
      '412',
      '413',
      '415',
      '421',
      '429',
      '500',
      '503',
    ];
    assert.deepEqual(statuses('/v4/flows/{id}', 'patch'), changing);
    assert.deepEqual(statuses('/v4/flows', 'get'), [
      '200',
      '400',
      '401',
      '403',
      '413',
      '421',
      '429',
      '500',
      '503',
    ]);
    assert.deepEqual(statuses('/healthz', 'get'), ['200', '413', '421', '429', '500', '503']);
    const starting = [
      '201',
      '304',
      '400',
      '401',
      '403',
      '404',
      '408',
      '409',
      '413',
      '415',
      '421',
      '429',
      '500',
      '503',
    ];
    assert.deepEqual(statuses('/v4/jobGroups', 'post'), starting);
    assert.ok(statuses('/v4/jobGroups/{id}/outputs/{fileId}', 'get').includes('410'));
  });

  it('says where a version is told, and where it can be required', () => {
    const of = (path: string, method: string) => {
      const { parameters, responses } = find(path, method);
      const answer = Object.entries(responses).find(([status]) => status.startsWith('2'))![1];
      return [
        JSON.stringify(parameters).includes('/IfMatch"'),
        JSON.stringify(answer).includes('/headers/ETag"'),
        '412' in responses,
      ];
    };
    assert.deepEqual(of('/v4/webhookFlowTasks/{id}', 'get'), [false, true, false]);
    assert.deepEqual(of('/v4/webhookFlowTasks/{id}', 'patch'), [true, true, true]);
    assert.deepEqual(of('/v4/webhookFlowTasks/{id}', 'delete'), [true, false, true]);
    assert.deepEqual(of('/v4/webhookFlowTasks', 'post'), [false, true, false]);
    assert.deepEqual(of('/v4/webhookFlowTasks', 'get'), [false, false, false]);
  });

  it('says that an answer whose members were chosen may lack all but its id and its times', () => {
    const { content } = find('/v4/flows/{id}', 'get').responses['200'] as {
      content: Record<string, { schema: { anyOf: unknown[] } }>;
    };
    const [whole, chosen] = content['application/json']!.schema.anyOf.map(
      (one) => follow((one as { $ref: string }).$ref) as { required: string[]; properties: object },
    );
    assert.deepEqual(chosen!.properties, whole!.properties);
    assert.deepEqual(chosen!.required.toSorted(), ['createdAt', 'id', 'updatedAt']);
    assert.ok(whole!.required.includes('name'));
  });

  it('lets clients read replies with members that are new to them', () => {
    for (const { additionalProperties } of walk(document)) assert.notEqual(additionalProperties, false);
  });

  it('shows booleans of a query as booleans, and uploads as multipart', () => {
    assert.deepEqual((follow('#/components/parameters/query.noLimit') as { schema: unknown }).schema, {
      type: 'boolean',
    });
    const { requestBody } = find('/v4/importedDatasets/upload', 'post');
    const { content } = requestBody as { content: Record<string, { schema: { properties: object } }> };
    const schema = content['multipart/form-data']?.schema;
    assert.deepEqual(Object.keys(schema?.properties ?? {}).slice(-1), ['file']);
  });

  it('is the one that is committed', async () => {
    const text = await readFile(new URL('../../../../docs/openapi.json', import.meta.url), 'utf8');
    assert.equal(
      text,
      `${JSON.stringify(document, null, 2)}\n`,
      'run node --conditions=flowhook-source scripts/openapi.ts',
    );
  });
});

describe('the examples of the document', () => {
  const byId = new Map(listOperations());
  for (const [operationId, { body, reply }] of Object.entries(examples)) {
    it(`fit ${operationId}`, () => {
      const endpoint = byId.get(operationId);
      assert.ok(endpoint, 'there is no such operation');
      if (body !== undefined) endpoint.body.parse(body);
      if (reply !== undefined) endpoint.reply.parse(reply);
    });
  }
});
