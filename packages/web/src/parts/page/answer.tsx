// What was asked of the server, in one of its states: loading, failed, not allowed, not there, empty, or the content.
import { Button, Skeleton, Stack, VisuallyHidden } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Problem } from '@flowhook/client/problem';
import { toProblem } from '../../api/api-problem.ts';
import { partText } from '../../text/part.ts';
import { problemText } from '../../text/problem.ts';
import { IconLock, IconSearch } from '../icon.ts';
import { Message, type MessageProps } from './message.tsx';
import { ProblemAlert } from './problem-alert.tsx';

/** What the hooks of api/query.ts give. */
export interface Asked<Data> {
  readonly data: Data | undefined;
  readonly error: unknown;
  readonly isPending: boolean;
  refetch(): unknown;
}

interface AnswerProps<Data> {
  readonly of: Asked<Data>;
  /** True where the answer has nothing to show; then `empty` is shown. */
  isEmpty?(data: Data): boolean;
  readonly empty?: MessageProps;
  /** How many grey lines stand there while it loads. */
  readonly lines?: number;
  readonly children: (data: Data) => ReactNode;
}

export function Answer<Data>({ of, isEmpty, empty, lines = 6, children }: AnswerProps<Data>) {
  // What was read stays on the page while reading it again fails: it is old, not gone.
  if (of.data !== undefined) {
    if (empty !== undefined && isEmpty?.(of.data) === true) return <Message {...empty} />;
    return (
      <>
        {of.error !== null && of.error !== undefined && <Failure of={of} />}
        {children(of.data)}
      </>
    );
  }
  if (of.isPending) return <Loading lines={lines} />;
  return <Failure of={of} />;
}

/** Grey lines in place of what is to come; said once to a screen reader. */
export function Loading({ lines = 6 }: { readonly lines?: number }) {
  return (
    <Stack gap="sm" aria-busy="true" role="status">
      <VisuallyHidden>{partText.loading}</VisuallyHidden>
      {Array.from({ length: lines }, (_, line) => (
        // oxlint-disable-next-line react/no-array-index-key -- Grey lines are all the same.
        <Skeleton key={line} height={18} width={`${96 - ((line * 17) % 40)}%`} radius="sm" />
      ))}
    </Stack>
  );
}

function Failure({ of }: { readonly of: Asked<unknown> }) {
  const problem = toProblem(of.error);
  return <ProblemMessage problem={problem} onRetry={() => void of.refetch()} />;
}

/** A problem in place of content: no permission and not found have their own words. */
export function ProblemMessage({ problem, onRetry }: { problem: Problem; onRetry?: () => void }) {
  if (problem.status === 403) {
    return <Message icon={IconLock} title={problemText.deniedTitle} detail={problem.detail} />;
  }
  if (problem.status === 404 || problem.status === 410) {
    const retry = onRetry !== undefined && (
      <Button variant="default" size="xs" onClick={onRetry}>
        {problemText.retry}
      </Button>
    );
    return (
      <Message
        icon={IconSearch}
        title={problemText.missingTitle}
        detail={problemText.missingDetail}
        action={retry}
      />
    );
  }
  return <ProblemAlert problem={problem} {...(onRetry !== undefined && { onRetry })} />;
}
