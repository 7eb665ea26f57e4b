// How far the sending of a file is.
import { Paper, Progress, Stack, Text } from '@mantine/core';

interface UploadBarProps {
  readonly label: string;
  /** Between 0 and 1; at 1 the server works on it. */
  readonly share: number;
}

export function UploadBar({ label, share }: UploadBarProps) {
  return (
    <Paper withBorder p="sm">
      <Stack gap={6}>
        <Text size="sm" role="status">
          {label}
        </Text>
        <Progress value={share * 100} animated={share >= 1} aria-label={label} />
      </Stack>
    </Paper>
  );
}
