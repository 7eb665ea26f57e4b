// The encryption key: change it while the server runs, after a confirmation that says what happens.
import { Alert, Button, List, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { lazy, Suspense } from 'react';
import { auditLogEndpoints } from '@flowhook/contract/workspace/audit-log';
import { workspaceEndpoints } from '@flowhook/contract/workspace/workspace';
import { useChange, useEndpoint } from '../../api/query.ts';
import { Answer } from '../../parts/page/answer.tsx';
import { FactList } from '../../parts/table/fact-list.tsx';
import { formatNumber } from '../../parts/time/format.ts';
import { IconCircleCheck, IconKey } from '../../parts/icon.ts';
import { settingText } from '../../text/setting.ts';
import { LastChange } from './setting-form.tsx';
import { SettingsFrame } from './settings-frame.tsx';

const ConfirmDialog = lazy(async () => ({
  default: (await import('../../parts/form/confirm-dialog.tsx')).ConfirmDialog,
}));

export default function EncryptionKeyPage() {
  const [asking, { open, close }] = useDisclosure();
  const changes = useEndpoint(auditLogEndpoints.list, { query: { objectKind: 'encryptionKey', limit: 1 } });
  const rotate = useChange(workspaceEndpoints.rotateKey, { refreshes: ['/v4/auditLog'], onDone: close });
  return (
    <SettingsFrame title={settingText.key} description={settingText.keyDetail}>
      <Answer of={changes} lines={2}>
        {({ data: [last] }) => (
          <Stack gap="xs">
            {last === undefined ? (
              <Text size="sm">{settingText.neverRotated}</Text>
            ) : (
              <FactList facts={[{ label: settingText.keyId, value: readKeyId(last.after) }]} />
            )}
            <LastChange of="encryptionKey" />
          </Stack>
        )}
      </Answer>
      {rotate.data !== undefined && (
        <Alert color="teal" icon={<IconCircleCheck aria-hidden />} title={settingText.rotated} role="status">
          <FactList
            facts={[
              { label: settingText.keyId, value: rotate.data.keyId },
              { label: settingText.resealed, value: formatNumber(rotate.data.resealed) },
            ]}
          />
        </Alert>
      )}
      <Button w="max-content" leftSection={<IconKey size={16} aria-hidden />} onClick={open}>
        {settingText.rotate}
      </Button>
      <Suspense fallback={null}>
        {asking && (
          <ConfirmDialog
            opened
            title={settingText.rotateTitle}
            confirmLabel={settingText.rotate}
            destroys={false}
            pending={rotate.isPending}
            problem={rotate.error}
            onConfirm={() => rotate.mutate({})}
            onClose={close}
          >
            <List spacing="xs">
              {settingText.rotateWhat.map((line) => (
                <List.Item key={line}>{line}</List.Item>
              ))}
            </List>
          </ConfirmDialog>
        )}
      </Suspense>
    </SettingsFrame>
  );
}

function readKeyId(after: unknown): string {
  return typeof after === 'object' && after !== null && 'keyId' in after ? String(after.keyId) : '';
}
