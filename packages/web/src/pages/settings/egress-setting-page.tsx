// Settings of the egress policy: what is opened, what is closed, and a question to the policy as it is.
import { Switch, Textarea } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { findOpenExpressions } from '@flowhook/contract/open-expression';
import { Loading } from '../../parts/page/answer.tsx';
import { WarningList } from '../../parts/page/warning-list.tsx';
import { settingText } from '../../text/setting.ts';
import { ListInput } from './list-input.tsx';
import { LastChange, SettingForm } from './setting-form.tsx';
import { joinAddresses, splitAddresses } from './setting-value.ts';
import { SettingsFrame } from './settings-frame.tsx';

// With the contract of webhook tasks it would be too much for the first load.
const EgressTester = lazy(() => import('./egress-tester.tsx'));

const keys = {
  allowed: 'webapp.webhookSettings.allowedUrlRegexes',
  onlyAllowed: 'webapp.webhookSettings.onlyAllowedUrls',
  forbidden: 'webapp.webhookSettings.forbiddenIPs',
} as const;

export default function EgressSettingPage() {
  return (
    <SettingsFrame title={settingText.egress} description={settingText.egressDetail}>
      <SettingForm
        keys={keys}
        write={({ forbidden, ...rest }) => ({ ...rest, forbidden: joinAddresses(forbidden) })}
      >
        {({ values, form, field }) => {
          const { label, description, value, onChange, ...allowed } = field('allowed');
          const forbidden = field('forbidden');
          return (
            <>
              <div>
                <ListInput
                  label={label}
                  description={description}
                  value={value}
                  onChange={onChange}
                  placeholder={settingText.expressionPlaceholder}
                  error={allowed['error']}
                  data-path="allowed"
                  errorOf={(index) => form.fields.errors[`allowed.${index}`]}
                />
                <WarningList title={settingText.openTitle} warnings={listOpen(values.allowed)} />
                <LastChange of={keys.allowed} />
              </div>
              <div>
                <Switch {...field('onlyAllowed', 'checkbox')} />
                <LastChange of={keys.onlyAllowed} />
              </div>
              <div>
                <Textarea
                  autosize
                  minRows={3}
                  maxRows={16}
                  spellCheck={false}
                  {...forbidden}
                  description={`${forbidden.description} ${settingText.forbiddenHint}`}
                  value={splitAddresses(values.forbidden)}
                />
                <LastChange of={keys.forbidden} />
              </div>
            </>
          );
        }}
      </SettingForm>
      <Suspense fallback={<Loading lines={3} />}>
        <EgressTester />
      </Suspense>
    </SettingsFrame>
  );
}

function listOpen(expressions: readonly string[]): string[] {
  const written = expressions.filter((text) => text.trim() !== '');
  return findOpenExpressions(written).map(settingText.openDetail);
}
