// Certificate, retry, enabled.
import { Switch } from '@mantine/core';
import { webhookTaskText as text } from '../../../text/webhook/webhook-task.ts';
import { Section } from './section.tsx';
import type { TaskForm } from '../use-task-form.ts';

export function BehaviourSection({ form: { fields } }: { readonly form: TaskForm }) {
  return (
    <Section title={text.sections.behaviour}>
      {fields.values.kind === 'request' && (
        <Switch
          label={text.sslVerification}
          description={text.sslVerificationHelp}
          {...fields.getInputProps('sslVerification', { type: 'checkbox' })}
        />
      )}
      <Switch
        label={text.retryOnFailure}
        description={text.retryOnFailureHelp}
        {...fields.getInputProps('retryOnFailure', { type: 'checkbox' })}
      />
      <Switch
        label={text.enabledLabel}
        description={text.enabledHelp}
        {...fields.getInputProps('enabled', { type: 'checkbox' })}
      />
    </Section>
  );
}
