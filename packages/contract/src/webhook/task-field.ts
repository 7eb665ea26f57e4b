// The fields of a webhook task that are the same wherever it goes: each is defined here, and all its forms are made of that.
import { z } from 'zod';
import { name } from '../convention.ts';
import { triggerEvents, triggerObjects } from './trigger.ts';
import { webhookCondition } from './webhook-condition.ts';

export const webhookMethods = ['post', 'get', 'put', 'patch', 'delete'] as const;

export const headerName = z.string().min(1).max(256);

interface FieldDefinition {
  /** Of a value: as it is given, kept and shown. */
  readonly schema: z.ZodType;
  /** What it is where nothing is said; one that has none must be given. */
  readonly initial?: unknown;
  /** How its column keeps it; the column has the same name, in snake_case. */
  readonly kept: 'text' | 'flag' | 'json';
  /** What it belongs to: a task that runs a recipe has no request. */
  readonly of: 'task' | 'request';
  /** Viewers of the flow are shown null. */
  readonly editorsOnly?: true;
  /** A document says it in another way: by its recipes, or by where a secret stands. */
  readonly derived?: true;
  /** The original does not know it: a package has it where it says something. */
  readonly ours?: true;
}

export const taskFields = {
  name: { schema: name, kept: 'text', of: 'task' },
  enabled: { schema: z.boolean(), initial: true, kept: 'flag', of: 'task', ours: true },
  triggerEvent: {
    schema: z.enum(triggerEvents).describe('onJobDone is either: success or failure.'),
    kept: 'text',
    of: 'task',
  },
  triggerObject: {
    schema: z.enum(triggerObjects).describe('some: only jobs of the recipes in `flowNodeIds`.'),
    kept: 'text',
    of: 'task',
    derived: true,
  },
  condition: {
    schema: webhookCondition.nullable().describe('What it waits for beyond that; null: nothing.'),
    initial: null,
    kept: 'json',
    of: 'task',
    ours: true,
  },
  method: { schema: z.enum(webhookMethods), kept: 'text', of: 'request' },
  urlSecret: {
    schema: z.boolean().describe("True where the URL's path and query are a credential."),
    initial: false,
    kept: 'flag',
    of: 'request',
    derived: true,
    ours: true,
  },
  secretHeaders: {
    schema: z
      .array(headerName)
      .max(50)
      .describe('Headers whose values are never returned, beside those that are secret by their name.'),
    initial: [],
    kept: 'json',
    of: 'request',
    derived: true,
    ours: true,
  },
  body: {
    schema: z
      .string()
      .max(1_048_576)
      .nullable()
      .describe('For post, put and patch; may hold references. Null to viewers of the flow.'),
    initial: null,
    kept: 'text',
    of: 'request',
    editorsOnly: true,
  },
  sslVerification: { schema: z.boolean(), initial: true, kept: 'flag', of: 'request' },
  retryOnFailure: { schema: z.boolean(), initial: true, kept: 'flag', of: 'task' },
} as const satisfies Record<string, FieldDefinition>;

type Definitions = typeof taskFields;
export type TaskFieldName = keyof Definitions;

type Frozen<Value> = Value extends readonly (infer Item)[] ? readonly Item[] : Value;
export type TaskFields = {
  readonly [Name in TaskFieldName]: Frozen<z.output<Definitions[Name]['schema']>>;
};

type NamesWith<Trait extends object> = {
  [Name in TaskFieldName]: Definitions[Name] extends Trait ? Name : never;
}[TaskFieldName];
export type OptionalField = NamesWith<{ readonly initial: unknown }>;
export type RequestField = NamesWith<{ readonly of: 'request' }>;
type DocumentField = Exclude<TaskFieldName, NamesWith<{ readonly derived: true }>>;

const definitions: Readonly<Record<TaskFieldName, FieldDefinition>> = taskFields;

export const taskFieldNames = Object.keys(taskFields) as TaskFieldName[];
/** Those that a document has by their names. */
export const documentFields = taskFieldNames.filter((each) => !definitions[each].derived) as DocumentField[];
export const requestFields = taskFieldNames.filter(
  (each) => definitions[each].of === 'request',
) as RequestField[];

const optionalFields = taskFieldNames.filter((each) => 'initial' in definitions[each]) as OptionalField[];
/** What is not said of a task. */
export const initialFields = Object.fromEntries(
  optionalFields.map((each) => [each, definitions[each].initial]),
) as Pick<TaskFields, OptionalField>;

type Shape = { [Name in TaskFieldName]: Definitions[Name]['schema'] };
type FilledShape = {
  [Name in TaskFieldName]: Name extends OptionalField
    ? z.ZodDefault<Definitions[Name]['schema']>
    : Definitions[Name]['schema'];
};
type PackedShape = {
  [Name in TaskFieldName]: Name extends OptionalField
    ? z.ZodOptional<z.ZodNullable<Definitions[Name]['schema']>>
    : Definitions[Name]['schema'];
};

/** Of each field what `make` makes of its schema; with `initial` for one that need not be given. */
function mapSchemas(make: (schema: z.ZodType, initial: { readonly value: unknown } | null) => z.ZodType) {
  const entries = Object.entries(definitions).map(([each, { schema, ...rest }]) => {
    return [each, make(schema, 'initial' in rest ? { value: rest.initial } : null)];
  });
  return Object.fromEntries(entries) as Record<string, z.ZodType>;
}

/** Fields as they are given and shown. */
export const fieldShape = mapSchemas((schema) => schema) as Shape;
/** The same, with what they are where nothing is said. */
export const filledShape = mapSchemas((schema, initial) =>
  initial === null ? schema : schema.default(initial.value),
) as FilledShape;
/** What of them a document has by the same names. */
export const documentShape = Object.fromEntries(
  documentFields.map((each) => [each, filledShape[each]]),
) as Pick<FilledShape, DocumentField>;
/** As a package has them: what is null there is not said. */
export const packedShape = mapSchemas((schema, initial) =>
  initial === null ? schema : schema.nullish(),
) as PackedShape;

export function pickFields<Name extends TaskFieldName>(
  from: Pick<TaskFields, Name>,
  names: readonly Name[],
): Pick<TaskFields, Name> {
  return Object.fromEntries(names.map((each) => [each, from[each]])) as Pick<TaskFields, Name>;
}

/** What the caller may see of them. */
export function showFields(from: TaskFields, seesAll: boolean) {
  const shown = taskFieldNames.map((each) => {
    const hidden = definitions[each].editorsOnly && !seesAll;
    return [each, hidden ? null : from[each]];
  });
  return Object.fromEntries(shown) as { -readonly [Name in TaskFieldName]: z.output<Shape[Name]> };
}

/** The fields as a package has them. */
export function packFields(from: TaskFields): Partial<TaskFields> {
  const said = taskFieldNames.filter((each) => {
    const { ours, initial } = definitions[each];
    return !ours || JSON.stringify(from[each]) !== JSON.stringify(initial);
  });
  return pickFields(from, said);
}

export function unpackFields(packed: z.output<z.ZodObject<PackedShape>>): TaskFields {
  const entries = taskFieldNames.map((each) => [each, packed[each] ?? definitions[each].initial]);
  return Object.fromEntries(entries) as TaskFields;
}
