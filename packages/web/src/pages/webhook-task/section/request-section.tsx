// Method and URL, with the egress policy's word on it while it is typed.
import { Alert, NativeSelect, Switch, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { webhookMethods } from '@flowhook/contract/webhook/task-field';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { useEndpoint } from '../../../api/query.ts';
import { IconShieldCheck } from '../../../parts/icon.ts';
import { StateBadge } from '../../../parts/state-badge.tsx';
import { EgressLink } from '../../../parts/webhook/egress-link.tsx';
import { webhookTaskText as text } from '../../../text/webhook/webhook-task.ts';
import { Section } from './section.tsx';
import type { TaskForm } from '../use-task-form.ts';

interface RequestSectionProps {
  readonly form: TaskForm;
  /** The masked URL of a task whose URL is a credential. */
  readonly storedUrl?: string;
}

export function RequestSection({ form: { fields }, storedUrl }: RequestSectionProps) {
  const { url } = fields.values;
  const isStored = storedUrl !== undefined && url === storedUrl;
  return (
    <Section title={text.sections.request}>
      <NativeSelect
        label={text.method}
        data={webhookMethods.map((method) => ({ value: method, label: method.toUpperCase() }))}
        {...fields.getInputProps('method')}
      />
      <TextInput
        label={text.url}
        description={isStored ? text.urlMasked : text.urlHelp}
        type="text"
        inputMode="url"
        autoComplete="off"
        spellCheck={false}
        {...fields.getInputProps('url')}
      />
      {!isStored && <EgressWord url={url} />}
      <Switch
        label={text.urlSecret}
        description={text.urlSecretHelp}
        {...fields.getInputProps('urlSecret', { type: 'checkbox' })}
      />
    </Section>
  );
}

const typingMs = 400;

/** Asked once there is a whole host; until then a refusal would only tell that somebody is typing. */
function EgressWord({ url }: { readonly url: string }) {
  const [asked] = useDebouncedValue(url.trim(), typingMs);
  const enabled = /^https?:\/\/[^/?#]+/iu.test(asked) && asked.length <= 8192;
  const { data } = useEndpoint(
    webhookTaskEndpoints.egress,
    { query: { url: asked } },
    { enabled, keepPrevious: true },
  );
  if (!enabled || data === undefined) return null;
  if (data.allowed) {
    return (
      <Text size="sm" component="div" role="status">
        <StateBadge state="valid" label={text.egressAllowed} /> {data.detail}
      </Text>
    );
  }
  return (
    <Alert color="red" icon={<IconShieldCheck aria-hidden />} title={text.egressRefused} role="status">
      <Text size="sm">{data.detail}</Text>
      <EgressLink rule={data.rule} url={asked} />
    </Alert>
  );
}
