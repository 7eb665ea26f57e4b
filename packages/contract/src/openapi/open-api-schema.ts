// Zod schemas as JSON Schema 2020-12, those with an id gathered as components of the OpenAPI document.
import { z } from 'zod';
import { flag, json } from '../convention.ts';

export type JsonSchema = { [member: string]: unknown };
export type Direction = 'input' | 'output';

export interface Parameter extends JsonSchema {
  name: string;
  in: string;
}

export interface SchemaCollector {
  /** The schema of what is sent (input) or answered (output), with `$ref` where it has an id. */
  collect(schema: z.ZodType, direction: Direction): JsonSchema;
  /** The same answer where the caller chose its members by `fields`: each object may lack all but these. */
  choose(answer: JsonSchema): JsonSchema;
  /** A reference to a parameter that many routes have alike, or the parameter itself. */
  shareParameter(parameter: Parameter, common: boolean): JsonSchema;
  /** The parameters that are shared, by name. */
  parameters(): Record<string, JsonSchema>;
  /** Everything that was referred to, by name, in the order of the alphabet. */
  components(): Record<string, JsonSchema>;
}

/** A schema that reads differently from both sides gets a second name, such as `DatasetOptionsInput`. */
export function createSchemaCollector(): SchemaCollector {
  const found = new Map<string, JsonSchema>();
  const shared = new Map<string, Parameter>();
  return {
    collect(schema, direction) {
      // Inside another object a schema with an id is a definition like all others, never the root.
      const wrapped = z.object({ whole: schema });
      const document = z.toJSONSchema(wrapped, { io: direction, override: tidy }) as unknown as Wrapped;
      const definitions = Object.entries(document.$defs ?? {}).filter(([name]) => !name.startsWith('__'));
      const names = new Map(definitions.map(([name]) => [name, name]));
      for (const [name, { id: _, ...definition }] of definitions) {
        const same = JSON.stringify(found.get(name)) === JSON.stringify(pointToComponents(definition, names));
        if (found.has(name) && !same) names.set(name, name + suffixes[direction]);
      }
      for (const [name, { id: _, ...definition }] of definitions) {
        found.set(names.get(name) ?? name, pointToComponents(definition, names));
      }
      return pointToComponents(document.properties.whole, names);
    },
    choose(answer) {
      const name = /^#\/components\/schemas\/(.*)$/u.exec(String(answer['$ref']))?.[1];
      if (name === undefined) return chooseWithin(answer, this.choose.bind(this));
      const whole = found.get(name)!;
      const required = (whole['required'] as string[] | undefined)?.filter((each) => alwaysThere.has(each));
      found.set(`${name}${chosen}`, { ...whole, required });
      return { anyOf: [answer, refer(`${name}${chosen}`)] };
    },
    shareParameter(parameter, common) {
      const name = `${parameter.in}.${parameter.name}`;
      const known = shared.get(name);
      if (!common || (known && JSON.stringify(known) !== JSON.stringify(parameter))) return parameter;
      shared.set(name, parameter);
      return { $ref: `#/components/parameters/${name}` };
    },
    parameters: () => Object.fromEntries(shared),
    components: () => Object.fromEntries([...found].toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
}

const chosen = 'Chosen';
const alwaysThere = new Set(['id', 'createdAt', 'updatedAt']);

/** The items of a list's page; what is neither a thing with a name nor a list of such stays as it is. */
function chooseWithin(answer: JsonSchema, choose: (item: JsonSchema) => JsonSchema): JsonSchema {
  const { properties } = answer as { properties?: Record<string, JsonSchema> };
  const items = properties?.['data']?.['items'] as JsonSchema | undefined;
  if (items?.['$ref'] === undefined) return answer;
  const data = { ...properties!['data'], items: choose(items) };
  return { ...answer, properties: { ...properties, data } };
}

interface Wrapped {
  readonly properties: { readonly whole: JsonSchema };
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
}

const suffixes = { input: 'Input', output: 'Output' } as const;

function refer(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

function pointToComponents(schema: JsonSchema, names: ReadonlyMap<string, string>): JsonSchema {
  return JSON.parse(JSON.stringify(schema), (key, value: unknown) => {
    if (key !== '$ref' || typeof value !== 'string') return value;
    const name = value.replace('#/$defs/', '');
    return refer(names.get(name) ?? name)['$ref'];
  }) as JsonSchema;
}

const safeInteger = Number.MAX_SAFE_INTEGER;

interface Overriding {
  readonly zodSchema: z.core.$ZodType;
  readonly jsonSchema: JsonSchema;
}

/** What zod writes and a reader of the document does not need, or would misread. */
function tidy({ zodSchema, jsonSchema }: Overriding): void {
  if (zodSchema === json) replaceBy(jsonSchema, { description: 'Any JSON value.' });
  if (zodSchema === flag) replaceBy(jsonSchema, { type: 'boolean' });
  // Unknown members are ignored in requests and may come in replies: `false` would make clients refuse them.
  if (zodSchema._zod.def.type === 'object') delete jsonSchema['additionalProperties'];
  if (zodSchema._zod.def.type === 'file') replaceBy(jsonSchema, { type: 'string', format: 'binary' });
  if (jsonSchema['maximum'] === safeInteger) delete jsonSchema['maximum'];
  if (jsonSchema['minimum'] === -safeInteger) delete jsonSchema['minimum'];
  if (jsonSchema['type'] === 'integer' && jsonSchema['exclusiveMinimum'] === 0) {
    delete jsonSchema['exclusiveMinimum'];
    jsonSchema['minimum'] = 1;
  }
  if (jsonSchema['format'] === 'date-time' || jsonSchema['format'] === 'email') delete jsonSchema['pattern'];
}

function replaceBy(schema: JsonSchema, other: JsonSchema): void {
  for (const member of Object.keys(schema)) delete schema[member];
  Object.assign(schema, other);
}
