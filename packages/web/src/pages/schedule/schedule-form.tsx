// The fields of a schedule, what it runs first, with its sentence and the next times beside them as they stand now.
import { Button, Fieldset, Group, Radio, SimpleGrid, Stack, Text, TextInput, Title } from '@mantine/core';
import { ContractForm } from '../../parts/form/contract-form.tsx';
import { IconPlus } from '../../parts/icon.ts';
import { viewerZone } from '../../parts/form/time-zone.ts';
import { scheduleText } from '../../text/schedule.ts';
import { NextTimes } from './next-times.tsx';
import { RunFields } from './run-fields.tsx';
import { describeTimes } from './schedule-sentence.ts';
import { toTriggers } from './schedule-value.ts';
import { TriggerFields } from './trigger-fields.tsx';
import {
  maxTriggers,
  useScheduleForm,
  type ScheduleForm as Form,
  type ScheduleFormOptions,
} from './use-schedule-form.ts';

interface ScheduleFormProps extends ScheduleFormOptions {
  readonly mayChange: boolean;
}

export default function ScheduleForm(props: ScheduleFormProps) {
  const { flowId, schedule: given, outputs, mayChange } = props;
  const form = useScheduleForm(props);
  const { fields } = form;
  return (
    <ContractForm
      form={form}
      label={scheduleText.form}
      submitLabel={given === undefined ? scheduleText.make : scheduleText.save}
    >
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="xl">
        <Fieldset variant="unstyled" disabled={!mayChange}>
          <Stack>
            <RunFields form={form} flowId={flowId} outputs={outputs} />
            {fields.values.triggers.map((_, row) => (
              // oxlint-disable-next-line react/no-array-index-key -- Rows have no other identity.
              <TriggerFields key={row} form={form} row={row} />
            ))}
            <Group>
              <Button
                variant="default"
                size="xs"
                leftSection={<IconPlus size={14} aria-hidden />}
                disabled={fields.values.triggers.length >= maxTriggers}
                onClick={() =>
                  fields.insertListItem('triggers', { expression: '0 18 * * *', timezone: viewerZone })
                }
              >
                {scheduleText.addTime}
              </Button>
            </Group>
            <Choice
              field="missed"
              form={form}
              label={scheduleText.missed}
              choices={scheduleText.missedChoices}
            />
            <Choice
              field="overlap"
              form={form}
              label={scheduleText.overlap}
              choices={scheduleText.overlapChoices}
            />
            <TextInput label={scheduleText.name} {...fields.getInputProps('name')} />
          </Stack>
        </Fieldset>
        <Stack gap="sm">
          <Title order={2} size="h4">
            {scheduleText.sentence}
          </Title>
          <Text>{describeTimes(fields.values.triggers)}</Text>
          <NextTimes triggers={toTriggers(fields.values.triggers)} />
        </Stack>
      </SimpleGrid>
    </ContractForm>
  );
}

interface ChoiceProps {
  readonly form: Form;
  readonly field: 'missed' | 'overlap';
  readonly label: string;
  readonly choices: Readonly<Record<string, string>>;
}

function Choice({ form: { fields }, field, label, choices }: ChoiceProps) {
  return (
    <Radio.Group label={label} {...fields.getInputProps(field)}>
      <Stack gap={6} mt={4}>
        {Object.entries(choices).map(([value, title]) => (
          <Radio key={value} value={value} label={title} />
        ))}
      </Stack>
    </Radio.Group>
  );
}
