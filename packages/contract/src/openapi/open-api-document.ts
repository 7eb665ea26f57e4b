// The OpenAPI 3.1 document of the whole API, made from the endpoints: served, and committed as docs/openapi.json.
import { endpointsByResource } from '../endpoints.ts';
import type { AnyEndpoint } from '../endpoint.ts';
import { answerHeaders, buildProblemResponses } from './open-api-answer.ts';
import { ifMatch } from './if-match.ts';
import { buildOperation } from './open-api-operation.ts';
import { createSchemaCollector, type JsonSchema } from './open-api-schema.ts';

/** The sections, in the order in which a reader meets them. */
const tags: Readonly<Record<string, string>> = {
  Flows: 'Datasets, recipes and outputs that belong together.',
  Datasets: 'Files that recipes read.',
  Recipes: 'One SQL SELECT over datasets and other recipes, by their names.',
  Outputs: 'What a recipe writes when it is run.',
  Jobs: 'One run of one output; `jobGroups` in the paths, its steps are `jobs`.',
  Parameters: 'Values that recipes and paths read by name: of a flow, or set for every flow.',
  Schedules: 'When the scheduled outputs of a flow run by themselves, and what came of each time.',
  'Webhook tasks': 'What a flow calls when a job ends.',
  Statistics: 'How jobs and deliveries have gone over a time.',
  'Webhook deliveries': 'What is owed to a webhook task, and every request that was made for it.',
  Events: 'What changes, as it changes.',
  'People and tokens': 'Accounts, sign-in, access tokens.',
  Workspace: 'Settings that administrators change.',
  Operations: 'Is it alive, is it ready, does the account close.',
};

const description = `Data flows that call back, for sure.

Lists answer \`{"data": [...]}\`; a to-one relation is \`{"id": n}\` until \`embed\` fills it, and what \`fields\`
leaves out is not there (the schemas that end in \`Chosen\`). Members of a request that are not known are ignored.
Two callers who change one thing: its ETag, sent back as If-Match, keeps the second one from writing over what the first
has written (412, with the ETag of now as \`etag\`). What a PATCH does not name stays as it is.
Faults are answered as \`application/problem+json\` (RFC 9457).`;

const securitySchemes = {
  bearer: { type: 'http', scheme: 'bearer', description: 'An access token.' },
  basic: { type: 'http', scheme: 'basic', description: 'Email and password.' },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: 'flowhook_session',
    description:
      'The cookie that sign-in sets, for the web interface. Where the address has a port, the name ends in it: `flowhook_session_3005`.',
  },
};

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'The same key and body answer with the first result, for 24 hours, also where the first answer was lost on its way; another body is 409.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

/** The document; `version` is the product's. The same endpoints always give the same text. */
export function buildDocument(version: string): JsonSchema {
  const schemas = createSchemaCollector();
  const paths: Record<string, JsonSchema> = {};
  for (const [operationId, endpoint] of listOperations()) {
    const path = endpoint.path.replaceAll(/:(\w+)/gu, '{$1}');
    const operation = buildOperation(operationId, endpoint, schemas);
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operation };
  }
  const responses = buildProblemResponses(schemas);
  return {
    openapi: '3.1.0',
    info: { title: 'Flowhook', version, description, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/' }],
    tags: Object.entries(tags).map(([name, text]) => ({ name, description: text })),
    paths,
    components: {
      schemas: schemas.components(),
      responses,
      parameters: { IdempotencyKey: idempotencyKey, IfMatch: ifMatch, ...schemas.parameters() },
      headers: answerHeaders,
      securitySchemes,
    },
  };
}

/** Every endpoint with its operation id: the resource and the verb, as in `flowList`. */
export function listOperations(): [string, AnyEndpoint][] {
  return Object.entries(endpointsByResource).flatMap(([resource, verbs]) =>
    Object.entries(verbs as Record<string, AnyEndpoint>).map(([verb, endpoint]): [string, AnyEndpoint] => [
      resource + verb.charAt(0).toUpperCase() + verb.slice(1),
      endpoint,
    ]),
  );
}
