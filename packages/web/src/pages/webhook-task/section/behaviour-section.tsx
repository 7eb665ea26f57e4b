// Certificate, retry, enabled: every field that has no section of its own.
import { Switch, TextInput } from '@mantine/core';
import { taskFieldNames, taskFields, type TaskFieldName } from '@flowhook/contract/webhook/task-field';
import { webhookTaskText as text } from '../../../text/webhook/webhook-task.ts';
import { Section } from './section.tsx';
import type { TaskForm } from '../use-task-form.ts';

/** They stand in the sections before this one. */
type PlacedField =
  | 'name'
  | 'triggerEvent'
  | 'triggerObject'
  | 'condition'
  | 'method'
  | 'urlSecret'
  | 'secretHeaders'
  | 'body';
type OtherField = Exclude<TaskFieldName, PlacedField>;
type Words = readonly [label: string, help: string];

const words: Readonly<Record<OtherField, Words>> = text.fields;

const otherFields = Object.keys(words) as OtherField[];
const flags: ReadonlySet<string> = new Set(taskFieldNames.filter((name) => taskFields[name].kept === 'flag'));

export function BehaviourSection({ form: { fields } }: { readonly form: TaskForm }) {
  const sends = fields.values.kind === 'request';
  const shown = otherFields.filter((name) => sends || taskFields[name].of === 'task');
  return (
    <Section title={text.sections.behaviour}>
      {shown.map((name) => (
        <FieldInput key={name} name={name} fields={fields} />
      ))}
    </Section>
  );
}

function FieldInput({ name, fields }: { readonly name: OtherField; readonly fields: TaskForm['fields'] }) {
  const [label, description] = words[name];
  if (!flags.has(name))
    return <TextInput label={label} description={description} {...fields.getInputProps(name)} />;
  return (
    <Switch label={label} description={description} {...fields.getInputProps(name, { type: 'checkbox' })} />
  );
}
