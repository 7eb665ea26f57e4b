// The body, with completion of references.
import { Text } from '@mantine/core';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { useEndpoint } from '../../../api/query.ts';
import { CodeEditor } from '../../../parts/code/code-editor.tsx';
import { webhookTaskText as text } from '../../../text/webhook/webhook-task.ts';
import { Section } from './section.tsx';
import type { TaskForm } from '../use-task-form.ts';
import { carriesBody } from '../task-values.ts';

export function BodySection({ form: { fields } }: { readonly form: TaskForm }) {
  const { data } = useEndpoint(webhookTaskEndpoints.references, {}, { staleTime: Infinity });
  const { method, body, secrets } = fields.values;
  const references = [
    ...(data?.data ?? []).map(({ name, description }) => ({ label: `$${name}`, detail: description })),
    ...secrets.filter(({ name }) => name !== '').map(({ name }) => ({ label: `$secret.${name}` })),
  ];
  return (
    <Section title={text.sections.body}>
      {carriesBody(method) ? (
        <CodeEditor
          label={text.body}
          hideLabel
          description={text.bodyHelp}
          // References make it a template, not JSON: what comes of it is checked beside it.
          language="text"
          value={body}
          onChange={(value) => fields.setFieldValue('body', value)}
          references={references}
          error={fields.errors['body']}
          minHeight={180}
        />
      ) : (
        <Text size="sm">{text.bodyNone(method)}</Text>
      )}
    </Section>
  );
}
