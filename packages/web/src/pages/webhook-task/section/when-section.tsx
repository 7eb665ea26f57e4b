// Name and trigger: what a task waits for, which ends count, and whose.
import { Radio, Stack, TextInput } from '@mantine/core';
import type { FlowGraphAnswer } from '../../../parts/graph/graph-layout.ts';
import { conditionText } from '../../../text/webhook/webhook-condition.ts';
import { webhookTaskText as text } from '../../../text/webhook/webhook-task.ts';
import { ConditionSection } from './condition-section.tsx';
import { eventsOf, subjectOf } from '../condition-values.ts';
import { OutputPicker } from '../output-picker.tsx';
import { Section } from './section.tsx';
import type { TaskForm } from '../use-task-form.ts';

interface WhenSectionProps {
  readonly form: TaskForm;
  readonly graph: FlowGraphAnswer;
}

export function WhenSection({ form: { fields }, graph }: WhenSectionProps) {
  const { condition, triggerObject } = fields.values;
  const subject = subjectOf(condition.kind);
  const events = eventsOf(condition);
  const eventWords = subject === 'flowRunEnd' ? conditionText.flowRunEvent : text.event;
  const watched = conditionText.watched[subject];
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
        <ConditionSection fields={fields} />
        {events.length > 1 && (
          <Radio.Group
            label={text.triggerEvent}
            description={text.triggerEventHelp}
            {...fields.getInputProps('triggerEvent')}
          >
            <Stack gap={6} mt={6}>
              {events.map((event) => (
                <Radio key={event} value={event} label={eventWords[event]} />
              ))}
            </Stack>
          </Radio.Group>
        )}
        <Radio.Group label={watched.label} {...fields.getInputProps('triggerObject')}>
          <Stack gap={6} mt={6}>
            <Radio value="any" label={watched.any} />
            <Radio value="some" label={watched.some} />
          </Stack>
        </Radio.Group>
        {triggerObject === 'some' && (
          <OutputPicker
            graph={graph}
            {...fields.getInputProps('flowNodeIds')}
            value={fields.values.flowNodeIds}
          />
        )}
      </Section>
    </>
  );
}
