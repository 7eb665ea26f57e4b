// Sends one real request and shows what came of it.
import { Alert, Button, Text } from '@mantine/core';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { useChange } from '../../../api/query.ts';
import type { AnswerOf } from '@flowhook/client/call-input';
import { ExchangeView } from '../../../parts/webhook/exchange-view.tsx';
import { IconAlertTriangle, IconCircleCheck, IconSend } from '../../../parts/icon.ts';
import { ProblemAlert } from '../../../parts/page/problem-alert.tsx';
import { webhookTaskText as text } from '../../../text/webhook/webhook-task.ts';
import type { toTrial } from '../task-values.ts';

type Result = AnswerOf<typeof webhookTaskEndpoints.test>;

export function TestSection({ trial }: { readonly trial: ReturnType<typeof toTrial> }) {
  const test = useChange(webhookTaskEndpoints.test);
  return (
    <>
      <Text size="sm" c="dimmed">
        {text.testHelp}
      </Text>
      <Button
        variant="light"
        w="max-content"
        leftSection={<IconSend size={16} aria-hidden />}
        loading={test.isPending}
        disabled={trial.url.trim() === ''}
        onClick={() => test.mutate({ body: trial })}
      >
        {text.runTest}
      </Button>
      {test.error !== null && <ProblemAlert problem={test.error} />}
      {test.data !== undefined && <Outcome result={test.data} />}
    </>
  );
}

function Outcome({ result }: { readonly result: Result }) {
  const isGood = result.status === 'success';
  const isRefused = result.reason === 'blocked';
  const bad = isRefused ? text.testRefused : text.testBad;
  const Icon = isGood ? IconCircleCheck : IconAlertTriangle;
  return (
    <>
      <Alert
        color={isGood ? 'teal' : 'red'}
        icon={<Icon aria-hidden />}
        title={isGood ? text.testGood(result.statusCode ?? 0) : bad}
        role="status"
      >
        {result.error !== null && <Text size="sm">{result.error}</Text>}
        {isRefused && <Text size="sm">{text.egressWayOut}</Text>}
      </Alert>
      <ExchangeView exchange={result} signature={result.signature} />
    </>
  );
}
