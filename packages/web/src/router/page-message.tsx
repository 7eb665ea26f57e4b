// Pages in place of a page: it does not exist, it may not be seen, it is broken.
import { Button } from '@mantine/core';
import { useEffect } from 'react';
import { toProblem } from '../api/api-problem.ts';
import { ProblemMessage } from '../parts/page/answer.tsx';
import { IconLock, IconSearch } from '../parts/icon.ts';
import { Message } from '../parts/page/message.tsx';
import { PageFrame } from '../parts/page/page-frame.tsx';
import { PageButton } from '../parts/page/page-link.tsx';
import { problemText } from '../text/problem.ts';

const toStart = (
  <PageButton to="/" variant="default">
    {problemText.toStart}
  </PageButton>
);

export function PageMissing() {
  return (
    <PageFrame title={problemText.pageMissingTitle}>
      <Message icon={IconSearch} title={problemText.pageMissingDetail} action={toStart} />
    </PageFrame>
  );
}

export function PageDenied() {
  const { deniedTitle, deniedDetail } = problemText;
  return (
    <PageFrame title={deniedTitle}>
      <Message icon={IconLock} title={deniedDetail} action={toStart} />
    </PageFrame>
  );
}

export function PageBroken({ error }: { readonly error: unknown }) {
  const problem = toProblem(error);
  useEffect(() => console.error(error), [error]);
  return (
    <PageFrame title={problem.title}>
      <ProblemMessage problem={problem} />
      <Button variant="default" w="max-content" onClick={() => location.reload()}>
        {problemText.reload}
      </Button>
    </PageFrame>
  );
}
