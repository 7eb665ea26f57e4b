// What a package would bring, before anything is made of it.
import { Button, Group, Stack } from '@mantine/core';
import type { Problem } from '@flowhook/client/problem';
import { IconFileImport } from '../../parts/icon.ts';
import { ChangeProblem } from '../../parts/page/problem-alert.tsx';
import { transferText as text } from '../../text/transfer.ts';
import { Differences, Makes } from './import-report.tsx';
import type { Report } from './package-part.ts';
import { StepHeading } from './step-heading.tsx';

interface ImportReviewProps {
  readonly fileName: string;
  readonly report: Report;
  /** Why the import itself was refused. */
  readonly problem: Problem | null;
  onImport(): void;
  onRestart(): void;
}

export default function ImportReview({ fileName, report, problem, onImport, onRestart }: ImportReviewProps) {
  return (
    <Stack>
      <StepHeading>{text.reviewTitle(fileName)}</StepHeading>
      <ChangeProblem problem={problem} />
      <Makes report={report} />
      <Differences report={report} />
      <Group gap="xs">
        <Button
          leftSection={<IconFileImport size={16} aria-hidden />}
          disabled={report.flows.length === 0}
          onClick={onImport}
        >
          {text.begin}
        </Button>
        <Button variant="default" onClick={onRestart}>
          {text.chooseAnother}
        </Button>
      </Group>
    </Stack>
  );
}
