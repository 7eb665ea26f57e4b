// A problem, in the server's own words, with the way to try again.
import { Alert, Button, Code, Group, List, Text } from '@mantine/core';
import type { Problem } from '@flowhook/client/problem';
import { partText } from '../../text/part.ts';
import { problemText } from '../../text/problem.ts';
import { beginSentence } from '../form/form-fault.ts';
import { IconAlertCircle, IconRefresh } from '../icon.ts';

interface ProblemAlertProps {
  readonly problem: Problem;
  onRetry?(): void;
  /** Fields whose faults are shown elsewhere (at the fields of a form). */
  readonly shownElsewhere?: (field: string) => boolean;
  readonly title?: string;
  /** False where there is but one thing that can be at fault: its name in the API says nothing. */
  readonly hasFields?: boolean;
}

export function ProblemAlert(props: ProblemAlertProps) {
  const { problem, onRetry, shownElsewhere, title, hasFields = true } = props;
  const [only] = problem.faults.length === 1 ? problem.faults : [];
  const faults = problem.faults.filter(
    ({ field, detail }) =>
      shownElsewhere?.(field) !== true && (hasFields || only === undefined) && detail !== problem.detail,
  );
  // Of a single fault the detail says the same, behind the name of the field.
  const atFields = problem.faults.length > 0 && problem.faults.every(({ field }) => shownElsewhere?.(field));
  const repeats = only !== undefined && problem.detail === `${only.field}: ${only.detail}`;
  return (
    <Alert color="red" icon={<IconAlertCircle aria-hidden />} title={title ?? problem.title} role="alert">
      {!(repeats && faults.length > 0) && (
        <Text size="sm">
          {atFields ? problemText.atFields : repeats ? beginSentence(only.detail) : problem.detail}
        </Text>
      )}
      {faults.length > 0 && (
        <List size="sm" mt="xs">
          {faults.map(({ field, detail }) => (
            <List.Item key={`${field} ${detail}`}>
              {field !== '' && <Code>{field}</Code>} {detail}
            </List.Item>
          ))}
        </List>
      )}
      <Group mt="sm" gap="sm">
        {onRetry !== undefined && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconRefresh size={14} aria-hidden />}
            onClick={onRetry}
          >
            {problemText.retry}
          </Button>
        )}
        {problem.requestId !== undefined && (
          <Text size="xs" c="dimmed">
            {problemText.requestId(problem.requestId)}
          </Text>
        )}
      </Group>
    </Alert>
  );
}

/** What a failed change says where it has no form: in short. */
export function ChangeProblem({ problem }: { readonly problem: Problem | null }) {
  return problem === null ? null : (
    <ProblemAlert problem={problem} title={`${partText.notSaved}: ${problem.title}`} />
  );
}
