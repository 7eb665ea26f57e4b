// Warnings that came with a change: it was made, and something does not fit now.
import { Alert, List } from '@mantine/core';
import { IconAlertTriangle } from '../icon.ts';

export function WarningList({
  title,
  warnings,
}: {
  readonly title: string;
  readonly warnings: readonly string[];
}) {
  if (warnings.length === 0) return null;
  return (
    <Alert color="yellow" title={title} icon={<IconAlertTriangle aria-hidden />} role="status">
      <List size="sm">
        {warnings.map((warning) => (
          <List.Item key={warning}>{warning}</List.Item>
        ))}
      </List>
    </Alert>
  );
}
