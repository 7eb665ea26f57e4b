// The headers, a row each.
import { ActionIcon, Button, Checkbox, Group, PasswordInput, TextInput } from '@mantine/core';
import { isSecretByName } from '@flowhook/contract/webhook/webhook-definition';
import { IconPlus, IconTrash } from '../../../parts/icon.ts';
import { webhookTaskText as text } from '../../../text/webhook/webhook-task.ts';
import { Section } from './section.tsx';
import type { TaskForm } from '../use-task-form.ts';
import classes from '../task-drawer.module.css';
import { makeRow } from '../task-values.ts';

export function HeaderSection({ form: { fields } }: { readonly form: TaskForm }) {
  return (
    <Section title={text.sections.headers}>
      {fields.values.headers.map(({ key }, index) => (
        <HeaderRow key={key} fields={fields} index={index} />
      ))}
      <Button
        variant="default"
        size="xs"
        w="max-content"
        leftSection={<IconPlus size={14} aria-hidden />}
        onClick={() => fields.insertListItem('headers', makeRow())}
      >
        {text.addHeader}
      </Button>
    </Section>
  );
}

function HeaderRow({ fields, index }: { readonly fields: TaskForm['fields']; readonly index: number }) {
  const { name, secret, stored } = fields.values.headers[index]!;
  const number = index + 1;
  const byName = isSecretByName(name);
  // What is stored stays hidden; what is typed anew is shown to who types it, unless it is a secret.
  const Value = secret || byName ? PasswordInput : TextInput;
  return (
    <div className={classes['row']}>
      <TextInput
        aria-label={text.headerNameOf(number)}
        placeholder={text.headerName}
        autoComplete="off"
        {...fields.getInputProps(`headers.${index}.name`)}
      />
      <Value
        aria-label={text.headerValueOf(number)}
        placeholder={stored ? text.headerKept : text.headerValue}
        autoComplete="off"
        {...fields.getInputProps(`headers.${index}.value`)}
      />
      <Group gap={4} wrap="nowrap" mt={6}>
        <Checkbox
          aria-label={text.headerSecretOf(number)}
          label={text.headerSecret}
          disabled={byName}
          title={byName ? text.secretByName : ''}
          {...fields.getInputProps(`headers.${index}.secret`, { type: 'checkbox' })}
          {...(byName && { checked: true })}
        />
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={text.removeHeader(number)}
          onClick={() => fields.removeListItem('headers', index)}
        >
          <IconTrash size={16} aria-hidden />
        </ActionIcon>
      </Group>
    </div>
  );
}
