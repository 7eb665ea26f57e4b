// What will be sent, rendered by the server as it is typed: the exact bytes, and the text that is signed.
import { Alert, List, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { Problem } from '@flowhook/client/problem';
import { toProblem } from '../../../api/api-problem.ts';
import type { AnswerOf } from '@flowhook/client/call-input';
import { call } from '../../../api/call.ts';
import { CodeBlock } from '../../../parts/code/code-block.tsx';
import { IconAlertTriangle } from '../../../parts/icon.ts';
import { StateBadge } from '../../../parts/state-badge.tsx';
import { webhookTaskText as text } from '../../../text/webhook/webhook-task.ts';
import type { toTrial } from '../task-values.ts';

type Trial = ReturnType<typeof toTrial>;
type Preview = AnswerOf<typeof webhookTaskEndpoints.preview>;

const typingMs = 400;

export function PreviewSection({ trial }: { readonly trial: Trial }) {
  // Compared as text: a new object of the same fields is nothing new.
  const [asked] = useDebouncedValue(JSON.stringify(trial), typingMs);
  const body = JSON.parse(asked) as Trial;
  const enabled = body.url.trim() !== '';
  const preview = useQuery<Preview, Problem>({
    queryKey: [webhookTaskEndpoints.preview.path, asked],
    queryFn: ({ signal }) => call(webhookTaskEndpoints.preview, { body }, { signal }),
    enabled,
    retry: false,
    placeholderData: keepPreviousData,
  });
  if (!enabled) return <Text size="sm">{text.previewWaits}</Text>;
  if (preview.error !== null) return <Faults problem={toProblem(preview.error)} />;
  return preview.data === undefined ? null : <Rendering preview={preview.data} />;
}

/** They stand at their fields when it is saved; here in short. */
function Faults({ problem }: { readonly problem: Problem }) {
  return (
    <Text size="sm" c="dimmed" role="status">
      {problem.detail}
    </Text>
  );
}

function Rendering({ preview }: { readonly preview: Preview }) {
  const { method, url, headers, body, signedText, warnings } = preview;
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return (
    <>
      <CodeBlock
        label={text.previewHeaders}
        code={[`${method.toUpperCase()} ${url}`, ...head].join('\n')}
        wrap
      />
      {body !== null && <CodeBlock label={text.previewBody} code={body} wrap />}
      {body !== null && <JsonWord preview={preview} />}
      {signedText === null ? (
        <Text size="sm" c="dimmed">
          {text.unsigned}
        </Text>
      ) : (
        <>
          <Text size="sm">{text.signedText}</Text>
          <CodeBlock label={text.signedText} code={signedText} wrap />
        </>
      )}
      {warnings.length > 0 && (
        <Alert color="yellow" icon={<IconAlertTriangle aria-hidden />} title={text.warnings}>
          <List size="sm">
            {warnings.map((warning) => (
              <List.Item key={warning}>{warning}</List.Item>
            ))}
          </List>
        </Alert>
      )}
    </>
  );
}

/** Whether it is meant as JSON the server tells by a fault, or by the request's own word. */
function JsonWord({ preview: { headers, jsonFault } }: { readonly preview: Preview }) {
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  if (jsonFault === null && !/[/+]json\b/iu.test(type)) return null;
  return (
    <Text size="sm" component="div" role="status">
      {jsonFault === null ? (
        <StateBadge state="valid" label={text.jsonGood} />
      ) : (
        <>
          <StateBadge state="invalid" /> {text.jsonBad(jsonFault.message, jsonFault.line, jsonFault.column)}
        </>
      )}
    </Text>
  );
}
