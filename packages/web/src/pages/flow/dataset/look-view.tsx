// A look at a file: why it can't be read so or its first rows, what was assumed, and its lines as they stand.
import { Alert, Code, List, Stack, Text } from '@mantine/core';
import { ProblemAlert } from '../../../parts/page/problem-alert.tsx';
import { IconAlertTriangle } from '../../../parts/icon.ts';
import { RowTable } from '../../../parts/table/row-table.tsx';
import { datasetLookText as text } from '../../../text/dataset-option.ts';
import { datasetText } from '../../../text/graph.ts';
import classes from './look-view.module.css';
import type { Look, LookAnswer } from './use-look.ts';

export function LookView({ look: answer }: { readonly look: LookAnswer }) {
  const { look, isLooking, isCut, isTooLarge, problem } = answer;
  return (
    <section aria-label={text.asRead} aria-busy={isLooking}>
      <Stack gap="sm">
        <Text fw={600} size="sm" role="status">
          {isLooking ? text.looking : text.asRead}
        </Text>
        {isTooLarge && <Text size="sm">{text.tooLarge}</Text>}
        {problem !== null && <ProblemAlert problem={problem} hasFields={false} />}
        {look !== undefined && problem === null && <Seen look={look} />}
        {isCut && (
          <Text size="xs" c="dimmed">
            {text.beginning}
          </Text>
        )}
      </Stack>
    </section>
  );
}

function Seen({ look: { error, lines, columns, rows, assumptions, warnings } }: { readonly look: Look }) {
  return (
    <>
      {error !== null && (
        <Alert color="red" icon={<IconAlertTriangle aria-hidden />} title={text.unreadable} role="alert">
          {error}
        </Alert>
      )}
      {columns.length > 0 && error === null && (
        <RowTable label={datasetText.preview} rows={{ columns, rows, truncated: false }} />
      )}
      {rows.length === 0 && error === null && <Text size="sm">{text.noRows}</Text>}
      {[...warnings, ...assumptions.map((each) => each.text)].length > 0 && (
        <List size="sm" aria-label={datasetText.assumptions}>
          {[...warnings, ...assumptions.map((each) => each.text)].map((line) => (
            <List.Item key={line}>{line}</List.Item>
          ))}
        </List>
      )}
      {lines.length > 0 && (
        <div>
          <Text fw={600} size="sm">
            {text.raw}
          </Text>
          <Code block className={classes['lines']} tabIndex={0} role="region" aria-label={text.raw}>
            {lines.join('\n')}
          </Code>
        </div>
      )}
    </>
  );
}
