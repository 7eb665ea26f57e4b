// What is shown where the server can't even be asked who is signed in.
import { Container } from '@mantine/core';
import { toProblem } from '../api/api-problem.ts';
import { ProblemAlert } from '../parts/page/problem-alert.tsx';

export function StartFailed({ error, onRetry }: { readonly error: unknown; onRetry(): void }) {
  return (
    <Container component="main" size="xs" pt="xl">
      <ProblemAlert problem={toProblem(error)} onRetry={onRetry} />
    </Container>
  );
}
