// Name and trigger: which ends of which jobs the task fires for.
import { MultiSelect, Radio, Stack, TextInput } from '@mantine/core';
import { triggerEvents } from '@flowhook/contract/webhook-definition';
import { webhookTaskText as text } from '../../text/webhook-task.ts';
import { Section } from './section.tsx';
import type { TaskForm } from './use-task-form.ts';

interface WhenSectionProps {
  readonly form: TaskForm;
  readonly recipes: readonly { readonly id: number; readonly name: string }[];
}

export function WhenSection({ form: { fields }, recipes }: WhenSectionProps) {
  return (
    <>
      <Section title={text.sections.what}>
        <TextInput
          label={text.name}
          description={text.nameHelp}
          data-autofocus
          {...fields.getInputProps('name')}
        />
      </Section>
      <Section title={text.sections.when}>
        <Radio.Group
          label={text.triggerEvent}
          description={text.triggerEventHelp}
          {...fields.getInputProps('triggerEvent')}
        >
          <Stack gap={6} mt={6}>
            {triggerEvents.map((event) => (
              <Radio key={event} value={event} label={text.event[event]} />
            ))}
          </Stack>
        </Radio.Group>
        <Radio.Group label={text.watched} {...fields.getInputProps('triggerObject')}>
          <Stack gap={6} mt={6}>
            <Radio value="any" label={text.watchedAny} />
            <Radio value="some" label={text.watchedSome} />
          </Stack>
        </Radio.Group>
        {fields.values.triggerObject === 'some' && (
          <MultiSelect
            label={text.recipes}
            description={text.recipesHelp}
            placeholder={fields.values.flowNodeIds.length === 0 ? text.recipesPlaceholder : ''}
            searchable
            data={recipes.map(({ id, name }) => ({ value: String(id), label: name }))}
            {...fields.getInputProps('flowNodeIds')}
          />
        )}
      </Section>
    </>
  );
}
