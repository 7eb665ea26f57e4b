// Redelivers, sends as new or cancels many deliveries, with progress, and says which were refused and why.
import { Button, Group, Modal, Progress, Stack, Table, Text, Title } from '@mantine/core';
import { formatNumber } from '../../parts/time/format.ts';
import { PageLink } from '../../parts/page/page-link.tsx';
import { ProblemAlert } from '../../parts/page/problem-alert.tsx';
import { bulkText } from '../../text/webhook/delivery.ts';
import { partText } from '../../text/part.ts';
import { partSizes, useBulkRun, type BulkKind, type BulkState, type Refusal } from './bulk-run.ts';
import classes from './delivery-list.module.css';

interface BulkDialogProps {
  readonly kind: BulkKind;
  readonly ids: readonly number[];
  /** Told what is left: all of them where nothing was done. */
  onClose(left: readonly number[]): void;
}

export default function BulkDialog({ kind, ids, onClose }: BulkDialogProps) {
  const { state, run, pause } = useBulkRun(kind, ids);
  const { left, running, problem } = state;
  const begun = left.length < ids.length || running || problem !== null;
  const counted = bulkText.deliveries(ids.length, formatNumber(ids.length));
  return (
    <Modal
      opened
      // A click beside it must not end what runs.
      closeOnClickOutside={!running}
      onClose={() => onClose(left)}
      title={bulkText.titles[kind](counted)}
      closeButtonProps={{ 'aria-label': partText.close }}
    >
      <Stack>
        <Text>{bulkText.details[kind]}</Text>
        {begun && <BulkProgress all={ids.length} state={state} />}
        {problem !== null && (
          <>
            <ProblemAlert problem={problem} title={bulkText.failedTitle} />
            {kind === 'sendAsNew' && (
              <Text size="sm">{bulkText.unknown(Math.min(left.length, partSizes.sendAsNew))}</Text>
            )}
          </>
        )}
        {state.refused.length > 0 && <Refusals refused={state.refused} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={() => onClose(left)}>
            {left.length === 0 ? bulkText.close : partText.cancel}
          </Button>
          {running && <Button onClick={pause}>{bulkText.pause}</Button>}
          {!running && left.length > 0 && (
            <Button data-autofocus onClick={() => void run()}>
              {begun ? bulkText.resume : bulkText.start}
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}

function BulkProgress({ all, state: { left, done, refused, running } }: { all: number; state: BulkState }) {
  const passed = all - left.length;
  return (
    <div>
      <Progress.Root size="lg">
        <Progress.Section value={(passed / all) * 100} aria-label={bulkText.progress} />
      </Progress.Root>
      <Text size="sm" mt={6} role="status">
        {left.length === 0
          ? bulkText.ended(formatNumber(done), formatNumber(refused.length))
          : bulkText.done(formatNumber(passed), formatNumber(all))}
      </Text>
      {!running && left.length > 0 && (
        <Text size="sm" c="dimmed">
          {bulkText.paused}
        </Text>
      )}
    </div>
  );
}

const maxShown = 200;

function Refusals({ refused }: { readonly refused: readonly Refusal[] }) {
  return (
    <section aria-label={bulkText.refused}>
      <Title order={3} size="h5">
        {bulkText.refused}
      </Title>
      <div className={classes['refused']} tabIndex={0} role="region" aria-label={bulkText.refused}>
        <Table stickyHeader>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">{bulkText.refusedDelivery}</Table.Th>
              <Table.Th scope="col">{bulkText.refusedWhy}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {refused.slice(0, maxShown).map(({ id, detail }) => (
              <Table.Tr key={id}>
                <Table.Td>
                  <PageLink to={`/deliveries/${id}`} target="_blank">
                    {id}
                  </PageLink>
                </Table.Td>
                <Table.Td>{detail}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
      {refused.length > maxShown && (
        <Text size="sm" c="dimmed">
          {bulkText.more(formatNumber(refused.length - maxShown))}
        </Text>
      )}
    </section>
  );
}
