// Settings of retention: how many days the history stays.
import { Alert, TextInput } from '@mantine/core';
import { IconAlertTriangle } from '../../parts/icon.ts';
import { settingText } from '../../text/setting.ts';
import { LastChange, SettingForm } from './setting-form.tsx';
import { toNumber } from './setting-value.ts';
import { SettingsFrame } from './settings-frame.tsx';

const keys = { days: 'webapp.retentionDays' } as const;

const narrow = { wrapper: { maxWidth: '14rem' } };

export default function RetentionSettingPage() {
  return (
    <SettingsFrame title={settingText.retention} description={settingText.retentionDetail}>
      <SettingForm keys={keys} write={({ days }) => ({ days: toNumber(days) })}>
        {({ values, saved, field }) => (
          <div>
            <TextInput
              inputMode="numeric"
              styles={narrow}
              rightSection={settingText.days}
              rightSectionWidth={56}
              {...field('days')}
            />
            {toNumber(values.days) < saved.days && (
              <Alert color="yellow" icon={<IconAlertTriangle aria-hidden />} my="xs" role="status">
                {settingText.retentionShorter}
              </Alert>
            )}
            <LastChange of={keys.days} />
          </div>
        )}
      </SettingForm>
    </SettingsFrame>
  );
}
