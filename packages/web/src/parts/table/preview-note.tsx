// What is to be said of first rows: that they are made of a sample, and what was found on the way.
import { Stack, Text } from '@mantine/core';
import type { z } from 'zod';
import type { preview } from '@flowhook/contract/rows';
import { partText } from '../../text/part.ts';
import { WarningList } from '../page/warning-list.tsx';

type Told = Partial<Pick<z.output<typeof preview>, 'sample' | 'warnings'>>;

export function PreviewNote({ of: { sample = null, warnings = [] } }: { readonly of: Told }) {
  if (sample === null && warnings.length === 0) return null;
  return (
    <Stack gap="xs" mb="xs">
      {sample !== null && (
        <Text size="sm" fw={600} role="status">
          {partText.sampleOf(sample.rows)}
        </Text>
      )}
      <WarningList title={partText.previewWarnings} warnings={warnings} />
    </Stack>
  );
}
