// Settings of webhooks: whether they fire, how long delivery is tried, how many tasks a flow may have.
import { Alert, Switch, TextInput } from '@mantine/core';
import { IconAlertTriangle } from '../../parts/icon.ts';
import { settingText } from '../../text/setting.ts';
import { RetryScheduleInput } from './retry-schedule-input.tsx';
import { LastChange, SettingForm } from './setting-form.tsx';
import { toNumber } from './setting-value.ts';
import { SettingsFrame } from './settings-frame.tsx';
import { SpanInput } from '../../parts/form/span-input.tsx';

const keys = {
  enabled: 'webapp.webhookSettings.enabled',
  retrySchedule: 'webapp.webhookSettings.retrySchedule',
  maximumAge: 'webapp.webhookSettings.maximumAge',
  timeLimit: 'webapp.webhookSettings.timeLimit',
  tasksPerFlow: 'webapp.webhookSettings.tasksPerFlow',
  testsPerMinute: 'webapp.webhookSettings.testsPerMinute',
  selfCalls: 'webapp.webhookSettings.selfCalls',
} as const;

const narrow = { wrapper: { maxWidth: '14rem' } };

export default function WebhookSettingPage() {
  return (
    <SettingsFrame title={settingText.webhooks} description={settingText.webhooksDetail}>
      <SettingForm
        keys={keys}
        write={(values) => ({
          ...values,
          tasksPerFlow: toNumber(values.tasksPerFlow),
          testsPerMinute: toNumber(values.testsPerMinute),
        })}
      >
        {({ values, form, field }) => (
          <>
            <div>
              <Switch {...field('enabled', 'checkbox')} />
              <LastChange of={keys.enabled} />
            </div>
            {!values.enabled && (
              <Alert color="yellow" icon={<IconAlertTriangle aria-hidden />}>
                {settingText.webhooksOff}
              </Alert>
            )}
            <div>
              <RetryScheduleInput
                {...field('retrySchedule')}
                maximumAge={values.maximumAge}
                errorOf={(index) => form.fields.errors[`retrySchedule.${index}`]}
              />
              <LastChange of={keys.retrySchedule} />
            </div>
            <div>
              <SpanInput {...field('maximumAge')} />
              <LastChange of={keys.maximumAge} />
            </div>
            <div>
              <SpanInput {...field('timeLimit')} />
              <LastChange of={keys.timeLimit} />
            </div>
            <div>
              <TextInput inputMode="numeric" styles={narrow} {...field('tasksPerFlow')} />
              <LastChange of={keys.tasksPerFlow} />
            </div>
            <div>
              <TextInput inputMode="numeric" styles={narrow} {...field('testsPerMinute')} />
              <LastChange of={keys.testsPerMinute} />
            </div>
            <div>
              <Switch {...field('selfCalls', 'checkbox')} />
              <LastChange of={keys.selfCalls} />
            </div>
          </>
        )}
      </SettingForm>
    </SettingsFrame>
  );
}
