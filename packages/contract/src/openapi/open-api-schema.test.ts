// The schemas of the document say the same as those that the server checks requests with.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import addFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { buildDocument, listOperations } from './open-api-document.ts';
import { examples } from './open-api-example.ts';
import type { JsonSchema } from './open-api-schema.ts';

interface Content {
  readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>>;
}
interface Operation {
  readonly operationId: string;
  readonly requestBody?: Content & { readonly required: boolean };
  readonly responses: Readonly<Record<string, Content>>;
}

const document = buildDocument('0.1.0') as {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, JsonSchema> };
};
const operations = new Map(
  Object.values(document.paths)
    .flatMap((path) => Object.values(path))
    .map((operation) => [operation.operationId, operation]),
);
const endpoints = new Map(listOperations());

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema({ $id: 'document', ...document });

/** The document's schema as a validator of JSON Schema reads it: a client's view of a body. */
function readBack(content: Content | undefined): (body: unknown) => string {
  const schema = content?.content['application/json']?.schema;
  assert.ok(schema, 'there is no JSON here');
  const whole = JSON.stringify(schema).replaceAll('#/components/', 'document#/components/');
  const validate = ajv.compile(JSON.parse(whole) as JsonSchema);
  return (body) => (validate(body) ? '' : ajv.errorsText(validate.errors));
}

const task = {
  name: 'Tell',
  url: 'https://hooks.example.com/',
  method: 'post',
  triggerEvent: 'onJobDone',
  triggerObject: 'any',
};
const setting = { path: 'a.csv', action: 'create', format: 'csv' };

/** Every form of a request that is read; beyond the examples. */
const accepted: readonly (readonly [string, unknown])[] = [
  ['webhookTaskCreate', { ...task, flowId: 7, unknown: [1] }],
  ['webhookTaskCreate', { ...task, flow: { id: 7, name: 'Sales' }, body: null, secretKey: '' }],
  ['webhookTaskChange', { headers: { Authorization: null }, secrets: { routing: null } }],
  ['webhookTaskTest', { id: 149 }],
  ['outputObjectCreate', { flowNode: { id: 12 }, writeSettings: { data: [setting] } }],
  ['outputObjectCreate', { flowNodeId: 12, writesettings: [setting] }],
  ['outputObjectChange', { writeSettings: [] }],
  ['jobGroupCreate', { wrangledDataset: { id: 12 }, overrides: { writesettings: { data: [setting] } } }],
  ['jobGroupCreate', { wrangledDataset: { id: 12 }, overrides: null, runParameters: null, name: null }],
  ['wrangledDatasetCreate', { name: 'a', flowId: 7, wrangledDataset: { id: 12 }, sql: null }],
  ['externalJobCreate', { wrangledDataset: { id: 12 }, heartbeatSeconds: null }],
  ['externalJobChange', { facts: { a: [1, { b: null }] } }],
  ['accessTokenCreate', {}],
  ['webhookDeliveryRedeliver', {}],
];

const refused: readonly (readonly [string, unknown])[] = [
  ['webhookTaskCreate', { ...task, flowId: 7, method: 'POST' }],
  ['webhookTaskCreate', { ...task, flowId: 7, headers: { Authorization: null } }],
  ['webhookTaskCreate', { ...task, flowId: '7' }],
  ['webhookTaskCreate', task],
  ['webhookTaskTest', { method: 'post' }],
  ['wrangledDatasetCreate', { name: 'a', flowId: 7, wrangledDataset: { id: 1 }, importedDataset: { id: 2 } }],
  ['flowPermissionGive', { data: [{ role: 'owner' }] }],
  ['outputObjectCreate', { flowNodeId: 12, writeSettings: [{ ...setting, format: 'avro' }] }],
  ['outputObjectCreate', { flowNodeId: 12, execution: 'spark' }],
  ['jobGroupCreate', {}],
  ['jobGroupCreate', { wrangledDataset: { id: 12 }, ranfrom: 'cli' }],
  ['externalJobChange', { percentComplete: 101 }],
  ['personCreate', { email: 'ada', name: 'Ada' }],
];

function judge(operationId: string, body: unknown): { server: boolean; document: boolean } {
  const endpoint = endpoints.get(operationId);
  assert.ok(endpoint, operationId);
  const refuse = readBack(operations.get(operationId)?.requestBody);
  return { server: endpoint.body.safeParse(body).success, document: refuse(body) === '' };
}

describe('the schemas of requests', () => {
  const bodies = Object.entries(examples).flatMap(([operationId, { body }]) =>
    body === undefined ? [] : [[operationId, body] as const],
  );
  for (const [operationId, body] of [...bodies, ...accepted]) {
    it(`accept ${operationId} ${JSON.stringify(body)}`, () => {
      assert.deepEqual(judge(operationId, body), { server: true, document: true });
    });
  }
  for (const [operationId, body] of refused) {
    it(`refuse ${operationId} ${JSON.stringify(body)}`, () => {
      assert.deepEqual(judge(operationId, body), { server: false, document: false });
    });
  }

  it('ask for a body exactly where the server does', () => {
    for (const [operationId, { requestBody }] of operations) {
      const needed = endpoints.get(operationId)?.body.safeParse({}).success === false;
      assert.equal(requestBody?.required ?? false, needed && requestBody !== undefined, operationId);
    }
  });
});

describe('the schemas of replies', () => {
  for (const [operationId, { reply }] of Object.entries(examples)) {
    if (reply === undefined) continue;
    it(`accept that of ${operationId}`, () => {
      const { status } = endpoints.get(operationId)!;
      assert.equal(readBack(operations.get(operationId)?.responses[status])(reply), '');
    });
  }
});
