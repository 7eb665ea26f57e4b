// What a schedule runs: each recipe of the flow with a box, and the file that it writes.
import { Checkbox, Fieldset, Stack, Text, TextInput } from '@mantine/core';
import { PageLink } from '../../parts/page/page-link.tsx';
import { scheduleText as text } from '../../text/schedule.ts';
import type { Output } from '../flow/flow-part.ts';
import { findScheduled, isRun } from './run-plan.ts';
import type { ScheduleForm } from './use-schedule-form.ts';

interface RunFieldsProps {
  readonly form: ScheduleForm;
  readonly flowId: number;
  readonly outputs: readonly Output[];
}

export function RunFields({ form: { fields }, flowId, outputs }: RunFieldsProps) {
  const { runs } = fields.values;
  const error = fields.errors['runs'];
  return (
    <Fieldset legend={text.runs}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {runs.length === 0 ? text.runsNone : text.runsDetail}
        </Text>
        {runs.map((run, index) => (
          <Stack key={run.recipeId} gap={4}>
            <Checkbox
              label={text.runsRecipe(run.name)}
              {...(index === 0 && error !== undefined && { 'aria-invalid': true })}
              checked={isRun(run, outputs)}
              onChange={({ currentTarget: { checked } }) => {
                fields.setFieldValue(`runs.${index}.isTicked`, checked);
                fields.clearFieldError('runs');
              }}
            />
            <div style={{ paddingInlineStart: '2rem' }}>
              <Writes isTicked={isRun(run, outputs)} flowId={flowId} output={findScheduled(run, outputs)} />
              {isRun(run, outputs) && findScheduled(run, outputs) === undefined && (
                <TextInput
                  label={text.path(run.name)}
                  description={text.pathHint}
                  {...fields.getInputProps(`runs.${index}.path`)}
                />
              )}
            </div>
          </Stack>
        ))}
        {error !== undefined && (
          <Text size="sm" c="var(--mantine-color-error)" role="alert">
            {error}
          </Text>
        )}
      </Stack>
    </Fieldset>
  );
}

interface WritesProps {
  readonly isTicked: boolean;
  readonly flowId: number;
  readonly output: Output | undefined;
}

function Writes({ isTicked, flowId, output }: WritesProps) {
  if (output === undefined) return null;
  const paths = output.writeSettings.data.map(({ path }) => path).join(', ');
  return (
    <Text size="sm" c="dimmed">
      <PageLink to={`/flows/${flowId}`} search={{ output: String(output.id) }} size="sm">
        {paths === '' ? text.runsProfile : text.runsFiles(paths)}
      </PageLink>
      {!isTicked && ` ${text.runsLeaves}`}
    </Text>
  );
}
