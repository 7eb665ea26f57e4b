// The secret key and the named secrets: typed once, never shown again.
import { ActionIcon, Button, Checkbox, Group, PasswordInput, Text, TextInput } from '@mantine/core';
import { IconKey, IconPlus, IconTrash } from '../../../parts/icon.ts';
import { Moment } from '../../../parts/time/moment.tsx';
import { webhookTaskText as text } from '../../../text/webhook/webhook-task.ts';
import { Section } from './section.tsx';
import type { TaskForm } from '../use-task-form.ts';
import classes from '../task-drawer.module.css';
import { makeRow, type Task } from '../task-values.ts';

export function SecretSection({ form, task }: { readonly form: TaskForm; readonly task?: Task }) {
  const { fields } = form;
  return (
    <Section title={text.sections.secrets}>
      <SecretKey form={form} {...(task !== undefined && { task })} />
      <Text size="sm" c="dimmed">
        {text.namedSecretsHelp}
      </Text>
      {fields.values.secrets.map(({ key, stored }, index) => (
        <div key={key} className={classes['row']}>
          <TextInput
            aria-label={text.secretName(index + 1)}
            placeholder={text.name}
            autoComplete="off"
            {...fields.getInputProps(`secrets.${index}.name`)}
          />
          <PasswordInput
            aria-label={text.secretValue(index + 1)}
            placeholder={stored ? text.headerKept : text.headerValue}
            autoComplete="new-password"
            {...fields.getInputProps(`secrets.${index}.value`)}
          />
          <ActionIcon
            mt={4}
            variant="subtle"
            color="gray"
            aria-label={text.removeSecret(index + 1)}
            onClick={() => fields.removeListItem('secrets', index)}
          >
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </div>
      ))}
      <Button
        variant="default"
        size="xs"
        w="max-content"
        leftSection={<IconPlus size={14} aria-hidden />}
        onClick={() => fields.insertListItem('secrets', makeRow({ secret: true }))}
      >
        {text.addSecret}
      </Button>
    </Section>
  );
}

function SecretKey({ form: { fields }, task }: { readonly form: TaskForm; readonly task?: Task }) {
  const { secretKey, secretKeyRemoved } = fields.values;
  const isStored = task?.secretKeySet === true;
  return (
    <>
      <Group align="flex-end" gap="xs" wrap="nowrap">
        <PasswordInput
          flex={1}
          label={text.secretKey}
          description={text.secretKeyHelp}
          placeholder={isStored ? text.secretKeyKept : ''}
          autoComplete="new-password"
          {...fields.getInputProps('secretKey')}
        />
        <Button
          variant="default"
          leftSection={<IconKey size={16} aria-hidden />}
          onClick={() => fields.setFieldValue('secretKey', makeSecretKey())}
        >
          {text.secretKeyMake}
        </Button>
      </Group>
      {isStored && secretKey !== '' && (
        <Checkbox
          label={text.overlap}
          description={text.overlapHelp}
          {...fields.getInputProps('overlap', { type: 'checkbox' })}
        />
      )}
      {task?.earlierSecretKeyUntil != null && (
        <Text size="sm">
          {text.earlierUntil} <Moment at={task.earlierSecretKeyUntil} exact />
        </Text>
      )}
      {isStored && secretKey === '' && (
        <Checkbox
          label={text.secretKeyRemove}
          description={secretKeyRemoved ? text.secretKeyRemoved : ''}
          {...fields.getInputProps('secretKeyRemoved', { type: 'checkbox' })}
        />
      )}
    </>
  );
}

const keyBytes = 32;

/** In the form of Standard Webhooks, which receivers' libraries take as it is. */
function makeSecretKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(keyBytes));
  return `whsec_${btoa(String.fromCodePoint(...bytes))}`;
}
