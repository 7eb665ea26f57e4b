// Settings of retention: how many days the history stays.
import { Alert, TextInput } from '@mantine/core';
import { IconAlertTriangle } from '../../parts/icon.ts';
import { settingText } from '../../text/setting.ts';
import { LastChange, SettingForm } from './setting-form.tsx';
import { toNumber } from './setting-value.ts';
import { SettingsFrame } from './settings-frame.tsx';

const keys = {
  days: 'webapp.retentionDays',
  jobDays: 'webapp.jobRetentionDays',
  auditDays: 'webapp.auditRetentionDays',
} as const;
const names = ['days', 'jobDays', 'auditDays'] as const;

const narrow = { wrapper: { maxWidth: '14rem' } };

export default function RetentionSettingPage() {
  return (
    <SettingsFrame title={settingText.retention} description={settingText.retentionDetail}>
      <SettingForm
        keys={keys}
        write={({ days, jobDays, auditDays }) => ({
          days: toNumber(days),
          jobDays: toNumber(jobDays),
          auditDays: toNumber(auditDays),
        })}
      >
        {({ values, saved, field }) =>
          names.map((name) => (
            <div key={name}>
              <TextInput
                inputMode="numeric"
                styles={narrow}
                rightSection={settingText.days}
                rightSectionWidth={56}
                {...field(name)}
              />
              {toNumber(values[name]) < saved[name] && (
                <Alert color="yellow" icon={<IconAlertTriangle aria-hidden />} my="xs" role="status">
                  {settingText.retentionShorter}
                </Alert>
              )}
              <LastChange of={keys[name]} />
            </div>
          ))
        }
      </SettingForm>
    </SettingsFrame>
  );
}
