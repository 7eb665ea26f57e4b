// What came of the last real request that was sent to try the task.
import { Alert, Text } from '@mantine/core';
import type { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { Loading } from '../../../parts/page/answer.tsx';
import type { AnswerOf } from '@flowhook/client/call-input';
import { EgressLink } from '../../../parts/webhook/egress-link.tsx';
import { ExchangeView } from '../../../parts/webhook/exchange-view.tsx';
import { IconAlertTriangle, IconCircleCheck } from '../../../parts/icon.ts';
import { ProblemAlert } from '../../../parts/page/problem-alert.tsx';
import { webhookTaskText as text } from '../../../text/webhook/webhook-task.ts';
import type { TaskTrial } from '../use-task-trial.ts';

type Result = AnswerOf<typeof webhookTaskEndpoints.test>;

interface TestSectionProps extends Pick<TaskTrial, 'test'> {
  readonly isOld: boolean;
}

export function TestSection({ test, isOld }: TestSectionProps) {
  if (test.isPending) return <Loading lines={3} />;
  return (
    <>
      {test.error === null && test.data === undefined && (
        <Text size="sm" c="dimmed">
          {text.testHelp}
        </Text>
      )}
      {isOld && (
        <Text size="sm" role="status">
          {text.testIsOld}
        </Text>
      )}
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
        {isRefused && <EgressLink rule={result.egress?.rule ?? ''} />}
      </Alert>
      <ExchangeView exchange={result} signature={result.signature} />
    </>
  );
}
