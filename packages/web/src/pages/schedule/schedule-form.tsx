// The fields of a schedule, with the next times as they stand now.
import { ActionIcon, Button, Fieldset, Group, Radio, Select, Stack, TextInput } from '@mantine/core';
import { scheduleEndpoints, scheduleGiven } from '@flowhook/contract/flow/schedule';
import { useChange } from '../../api/query.ts';
import { ContractForm } from '../../parts/form/contract-form.tsx';
import { IconPlus, IconTrash } from '../../parts/icon.ts';
import { notifyDone } from '../../parts/page/notice.ts';
import { listZones, viewerZone } from '../../parts/form/time-zone.ts';
import { useContractForm } from '../../parts/form/use-contract-form.ts';
import { scheduleText } from '../../text/schedule.ts';
import { NextTimes } from './next-times.tsx';
import {
  newValues,
  toBody,
  toTriggers,
  toValues,
  type Schedule,
  type ScheduleValues,
} from './schedule-value.ts';

interface ScheduleFormProps {
  readonly flowId: number;
  readonly schedule: Schedule | undefined;
  readonly mayChange: boolean;
}

const maxTriggers = 10;

/** Faults come with the contract's names of fields. */
const fieldOf = Object.fromEntries(
  Array.from({ length: maxTriggers }, (_, row) => row).flatMap((row) => [
    [`triggers[${row}].timeBased.cron.expression`, `triggers[${row}].expression`],
    [`triggers[${row}].timeBased.timezone`, `triggers[${row}].timezone`],
  ]),
);

export default function ScheduleForm({ flowId, schedule: given, mayChange }: ScheduleFormProps) {
  const create = useChange(scheduleEndpoints.create);
  const replace = useChange(scheduleEndpoints.replace);
  const form = useContractForm({
    schema: scheduleGiven,
    initialValues: given === undefined ? newValues(viewerZone) : toValues(given),
    fieldOf,
    toBody: (values) => toBody(values, flowId, given),
    submit: async (body) => {
      if (given === undefined) await create.mutateAsync({ body });
      else await replace.mutateAsync({ params: { id: given.id }, body });
      notifyDone(scheduleText.saved);
    },
  });
  const { fields } = form;
  return (
    <ContractForm
      form={form}
      label={scheduleText.form}
      submitLabel={given === undefined ? scheduleText.make : scheduleText.save}
    >
      <Fieldset variant="unstyled" disabled={!mayChange}>
        <Stack>
          <TextInput label={scheduleText.name} {...fields.getInputProps('name')} />
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
        </Stack>
      </Fieldset>
      <NextTimes triggers={toTriggers(fields.values.triggers)} />
    </ContractForm>
  );
}

type Form = ReturnType<typeof useContractForm<ScheduleValues, typeof scheduleGiven>>;

function TriggerFields({ form: { fields }, row }: { readonly form: Form; readonly row: number }) {
  return (
    <Group align="flex-start" wrap="wrap">
      <TextInput
        label={scheduleText.expression(row + 1)}
        description={scheduleText.expressionHelp}
        style={{ flex: '1 1 14rem' }}
        {...fields.getInputProps(`triggers.${row}.expression`)}
      />
      <Select
        label={scheduleText.zone(row + 1)}
        description={scheduleText.theirs}
        data={listZones(fields.values.triggers[row]?.timezone)}
        searchable
        allowDeselect={false}
        limit={60}
        style={{ flex: '1 1 12rem' }}
        {...fields.getInputProps(`triggers.${row}.timezone`)}
      />
      {fields.values.triggers.length > 1 && (
        <ActionIcon
          variant="default"
          size={36}
          mt={46}
          aria-label={scheduleText.removeTime(row + 1)}
          onClick={() => fields.removeListItem('triggers', row)}
        >
          <IconTrash size={16} aria-hidden />
        </ActionIcon>
      )}
    </Group>
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
