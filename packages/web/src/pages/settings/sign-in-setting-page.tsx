// Settings of sign-in: the ways that are configured, who may use a password, who comes new.
import { Alert, Radio, Stack, Title } from '@mantine/core';
import type { z } from 'zod';
import { signInEndpoints, type signInWays } from '@flowhook/contract/person/sign-in';
import { useEndpoint } from '../../api/query.ts';
import { Answer } from '../../parts/page/answer.tsx';
import { FactList } from '../../parts/table/fact-list.tsx';
import { IconAlertTriangle } from '../../parts/icon.ts';
import { settingText } from '../../text/setting.ts';
import { ListInput } from './list-input.tsx';
import { LastChange, SettingForm } from './setting-form.tsx';
import { SettingsFrame } from './settings-frame.tsx';

const keys = {
  passwords: 'webapp.signIn.passwords',
  newPeople: 'webapp.signIn.newPeople',
  domains: 'webapp.signIn.emailDomains',
} as const;

export default function SignInSettingPage() {
  const ways = useEndpoint(signInEndpoints.ways, {});
  return (
    <SettingsFrame title={settingText.signIn} description={settingText.signInDetail}>
      <Answer of={ways} lines={2}>
        {(data) => <Ways ways={data} />}
      </Answer>
      <SettingForm keys={keys}>
        {({ values, form, field }) => {
          const { value, onChange, error, ...domains } = field('domains');
          const noProvider = ways.data?.singleSignOn === null;
          return (
            <>
              <div>
                <Choice {...field('passwords')} options={settingText.passwordsOf} />
                {noProvider && values.passwords === 'administrators' && (
                  <Alert color="yellow" icon={<IconAlertTriangle aria-hidden />} mt="xs">
                    {settingText.lockedOut}
                  </Alert>
                )}
                <LastChange of={keys.passwords} />
              </div>
              <div>
                <Choice {...field('newPeople')} options={settingText.newPeopleOf} />
                <LastChange of={keys.newPeople} />
              </div>
              <div>
                <ListInput
                  label={domains.label}
                  description={domains.description}
                  value={value}
                  onChange={onChange}
                  error={error}
                  placeholder={settingText.domainPlaceholder}
                  data-path="domains"
                  errorOf={(index) => form.fields.errors[`domains.${index}`]}
                />
                <LastChange of={keys.domains} />
              </div>
            </>
          );
        }}
      </SettingForm>
    </SettingsFrame>
  );
}

function Ways({ ways: { passwords, singleSignOn } }: { readonly ways: z.output<typeof signInWays> }) {
  const facts = [
    { label: settingText.password, value: settingText.passwordsOf[passwords] },
    { label: settingText.singleSignOn, value: singleSignOn?.name ?? settingText.noProvider },
  ];
  return (
    <section aria-label={settingText.waysTitle}>
      <Title order={2} size="h5" mb="xs">
        {settingText.waysTitle}
      </Title>
      <FactList facts={facts} />
    </section>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly description: string;
  readonly options: Readonly<Record<string, string>>;
  readonly [prop: string]: unknown;
}

function Choice({ options, ...group }: ChoiceProps) {
  return (
    <Radio.Group {...group}>
      <Stack gap="xs" mt="xs">
        {Object.entries(options).map(([value, label]) => (
          <Radio key={value} value={value} label={label} />
        ))}
      </Stack>
    </Radio.Group>
  );
}
