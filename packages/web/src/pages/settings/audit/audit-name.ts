// Pure: the names and words for what an entry of the audit log holds by its id or by the API's own word.
import { auditText } from '../../../text/audit.ts';
import { sharingText } from '../../../text/sharing.ts';
import { webhookTaskText } from '../../../text/webhook/webhook-task.ts';
import { listDifferences, nameMember, type Difference } from './difference.ts';

/** The names of those that are there now, by their ids. */
export interface AuditNames {
  readonly people: ReadonlyMap<number, string>;
  readonly flows: ReadonlyMap<number, string>;
}

interface Told {
  readonly objectKind: string;
  readonly objectId: number | null;
  readonly before: unknown;
  readonly after: unknown;
}

interface Thing {
  /** Undefined where nothing tells it. */
  readonly name?: string;
  /** The flow that it is, or belongs to, where it is still there. */
  readonly flow?: { readonly id: number; readonly name: string };
}

const ofFlow: ReadonlySet<string> = new Set(['flow', 'flow permissions', 'flow owner']);
const ofPerson: ReadonlySet<string> = new Set(['person', 'password', 'identity']);

export function nameThing({ objectKind, objectId, before, after }: Told, names: AuditNames): Thing {
  const values = { ...toRecord(before), ...toRecord(after) };
  const flowId = ofFlow.has(objectKind) ? objectId : values['flowId'];
  const flowName = typeof flowId === 'number' ? names.flows.get(flowId) : undefined;
  const flow = flowName === undefined ? {} : { flow: { id: Number(flowId), name: flowName } };
  if (ofPerson.has(objectKind)) return named(names.people.get(objectId ?? 0) ?? values['name']);
  if (ofFlow.has(objectKind) && flowName !== undefined) return { name: '', ...flow };
  return { ...named(values['name'] ?? values['path']), ...flow };
}

function named(name: unknown): Thing {
  return typeof name === 'string' ? { name } : {};
}

/** Each line with its name and values as people read them. */
export function describeDifferences({ objectKind, before, after }: Told, names: AuditNames): Difference[] {
  if (objectKind === 'flow permissions')
    return listDifferences(toRoles(before, names), toRoles(after, names));
  return listDifferences(toWords(before, names), toWords(after, names)).map((difference) => ({
    ...difference,
    name: nameMember(difference.name),
  }));
}

const { owner, collaborator: editor, readOnly: viewer } = sharingText.roles;
const roles: Readonly<Record<string, string>> = { owner, editor, viewer };

function toRoles(value: unknown, { people }: AuditNames): Readonly<Record<string, unknown>> {
  const all = Array.isArray(value) ? value.map(toRecord) : [];
  return Object.fromEntries(
    all.map(({ personId, role }) => [
      people.get(Number(personId)) ?? auditText.thing(auditText.kinds['person']!, Number(personId)),
      roles[String(role)] ?? role,
    ]),
  );
}

function toWords(value: unknown, names: AuditNames): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([member, each]) => [member, say(member, each, names)]),
  );
}

function say(member: string, value: unknown, { people, flows }: AuditNames): unknown {
  if (member === 'flowId') return flows.get(Number(value)) ?? value;
  if (member === 'personId' || member === 'ownerId') return people.get(Number(value)) ?? value;
  if (member === 'triggerEvent')
    return (webhookTaskText.event as Readonly<Record<string, string>>)[String(value)] ?? value;
  return value;
}

function toRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}
