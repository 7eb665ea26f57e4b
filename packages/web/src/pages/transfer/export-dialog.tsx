// Says what a package of a flow holds and what it leaves out, and gives it for download.
import { Button, Group, List, Modal, Stack, Text } from '@mantine/core';
import { flowTransferEndpoints } from '@flowhook/contract/flow/flow-transfer';
import { addressOf } from '../../api/call.ts';
import { useEndpoint } from '../../api/query.ts';
import { Answer } from '../../parts/page/answer.tsx';
import { IconDownload } from '../../parts/icon.ts';
import { WarningList } from '../../parts/page/warning-list.tsx';
import { partText } from '../../text/part.ts';
import { transferText as text } from '../../text/transfer.ts';
import { countParts } from './package-part.ts';

interface ExportDialogProps {
  readonly flow: { readonly id: number; readonly name: string };
  onClose(): void;
}

export default function ExportDialog({ flow: { id, name }, onClose }: ExportDialogProps) {
  const input = { params: { id } };
  const holds = useEndpoint(flowTransferEndpoints.exportDryRun, input, { staleTime: 0 });
  return (
    <Modal
      opened
      onClose={onClose}
      title={text.exportTitle(name)}
      closeButtonProps={{ 'aria-label': partText.close }}
    >
      <Stack>
        <Text size="sm">{text.exportDetail}</Text>
        <Answer of={holds} lines={4}>
          {(content) => (
            <>
              <div>
                <Text size="sm" fw={600}>
                  {text.holds}
                </Text>
                <List size="sm">
                  {countParts(content).map((line) => (
                    <List.Item key={line}>{line}</List.Item>
                  ))}
                </List>
              </div>
              <WarningList title={text.leavesOut} warnings={content.warnings} />
            </>
          )}
        </Answer>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {partText.close}
          </Button>
          <Button
            component="a"
            href={addressOf(flowTransferEndpoints.exportPackage, input)}
            // The server names the file.
            download
            leftSection={<IconDownload size={16} aria-hidden />}
            data-autofocus
          >
            {text.download}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
