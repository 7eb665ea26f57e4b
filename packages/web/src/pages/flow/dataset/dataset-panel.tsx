// A dataset: its columns, first rows, how it is read, its file, and what reads it.
import { Anchor, Button, FileButton, Group, List, Stack, Tabs, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { importedDatasetEndpoints } from '@flowhook/contract/flow/imported-dataset';
import type { Problem } from '@flowhook/client/problem';
import { toProblem } from '../../../api/api-problem.ts';
import { call } from '../../../api/call.ts';
import { refresh, useChange, useEndpoint } from '../../../api/query.ts';
import { upload } from '../../../api/upload.ts';
import { Answer } from '../../../parts/page/answer.tsx';
import { FactList } from '../../../parts/table/fact-list.tsx';
import { formatBytes } from '../../../parts/time/format.ts';
import { IconCode, IconPencil, IconUpload } from '../../../parts/icon.ts';
import { Moment } from '../../../parts/time/moment.tsx';
import { notifyDone } from '../../../parts/page/notice.ts';
import { ProblemAlert } from '../../../parts/page/problem-alert.tsx';
import { RowTable } from '../../../parts/table/row-table.tsx';
import { WarningList } from '../../../parts/page/warning-list.tsx';
import { datasetText } from '../../../text/graph.ts';
import { ColumnTable } from './column-table.tsx';
import { UploadProgress } from './dataset-upload.tsx';
import type { Dataset } from '../flow-part.ts';
import type { PanelProps } from '../panel-props.ts';

const OptionForm = lazy(() => import('./dataset-option-form.tsx'));
const RenameDialog = lazy(() => import('../rename-dialog.tsx'));

export default function DatasetPanel({ id, ...panel }: PanelProps & { readonly id: number }) {
  const dataset = useEndpoint(importedDatasetEndpoints.get, { params: { id } });
  return <Answer of={dataset}>{(data) => <Content dataset={data} {...panel} />}</Answer>;
}

function Content({ dataset, ...panel }: PanelProps & { readonly dataset: Dataset }) {
  const [warnings, setWarnings] = useState<readonly string[]>([]);
  const { columns, format, size, fileVersion, uri, updatedAt } = dataset;
  const facts = [
    { label: datasetText.format, value: format },
    { label: datasetText.size, value: size === null ? '–' : formatBytes(size) },
    { label: datasetText.version, value: fileVersion },
    { label: datasetText.changed, value: <Moment at={updatedAt} /> },
    { label: datasetText.uri, value: uri },
  ];
  return (
    <Stack gap="sm">
      {panel.mayChange && <Actions dataset={dataset} onWarnings={setWarnings} {...panel} />}
      <WarningList title={datasetText.warnings} warnings={warnings} />
      <Tabs defaultValue="columns" keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="columns">{datasetText.columns}</Tabs.Tab>
          <Tabs.Tab value="preview">{datasetText.preview}</Tabs.Tab>
          {panel.mayChange && <Tabs.Tab value="options">{datasetText.options}</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="columns" pt="sm">
          <ColumnTable columns={columns} />
          <Assumptions dataset={dataset} />
        </Tabs.Panel>
        <Tabs.Panel value="preview" pt="sm">
          <Preview dataset={dataset} />
        </Tabs.Panel>
        <Tabs.Panel value="options" pt="sm">
          <Suspense fallback={null}>
            <OptionForm dataset={dataset} flowId={panel.flowId} onWarnings={setWarnings} />
          </Suspense>
        </Tabs.Panel>
      </Tabs>
      <FactList facts={facts} />
      <UsedBy dataset={dataset} {...panel} />
    </Stack>
  );
}

function Assumptions({ dataset: { assumptions } }: { readonly dataset: Dataset }) {
  if (assumptions.length === 0) return null;
  return (
    <section aria-label={datasetText.assumptions}>
      <Text fw={600} size="sm" mt="sm">
        {datasetText.assumptions}
      </Text>
      <List size="sm">
        {assumptions.map(({ option, text }) => (
          <List.Item key={`${option} ${text}`}>{text}</List.Item>
        ))}
      </List>
    </section>
  );
}

function Preview({ dataset: { id, fileVersion, updatedAt } }: { readonly dataset: Dataset }) {
  const query = { limit: 50 };
  const preview = useEndpoint(importedDatasetEndpoints.preview, { params: { id }, query });
  return (
    <Answer of={preview}>
      {(rows) => <RowTable key={`${fileVersion} ${updatedAt}`} label={datasetText.preview} rows={rows} />}
    </Answer>
  );
}

interface ActionsProps extends PanelProps {
  readonly dataset: Dataset;
  onWarnings(warnings: readonly string[]): void;
}

function Actions({ dataset, flowId, graph, onDo, onSelect, onWarnings }: ActionsProps) {
  const { id, name } = dataset;
  const [renaming, setRenaming] = useState(false);
  const change = useChange(importedDatasetEndpoints.change, {
    refreshes: ['/v4/flows'],
    onDone: ({ warnings }) => onWarnings(warnings ?? []),
  });
  const replacing = useReplacement(id, onWarnings);
  const takeOut = useChange(importedDatasetEndpoints.removeFromFlow, {
    refreshes: ['/v4/flows'],
    onDone: () => {
      notifyDone(datasetText.takenOut(name));
      onSelect({ kind: 'nothing' });
    },
  });
  return (
    <>
      <Group gap="xs">
        <Button
          size="xs"
          leftSection={<IconCode size={14} aria-hidden />}
          onClick={() => onDo({ what: 'recipe', on: { kind: 'dataset', id, name } })}
        >
          {datasetText.addRecipe}
        </Button>
        <FileButton onChange={replacing.start} inputProps={{ 'aria-label': datasetText.replace }}>
          {({ onClick }) => (
            <Button
              size="xs"
              variant="default"
              leftSection={<IconUpload size={14} aria-hidden />}
              onClick={onClick}
            >
              {datasetText.replace}
            </Button>
          )}
        </FileButton>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPencil size={14} aria-hidden />}
          onClick={() => setRenaming(true)}
        >
          {datasetText.rename}
        </Button>
        {listReaders(graph, id).length === 0 && (
          <Button
            size="xs"
            variant="default"
            loading={takeOut.isPending}
            onClick={() => takeOut.mutate({ params: { id }, body: { flow: { id: flowId } } })}
          >
            {datasetText.takeOut}
          </Button>
        )}
      </Group>
      {takeOut.error && <ProblemAlert problem={takeOut.error} hasFields={false} />}
      {replacing.now !== null && <UploadProgress {...replacing.now} />}
      {replacing.problem !== null && <ProblemAlert problem={replacing.problem} hasFields={false} />}
      {replacing.takeAnew !== null && (
        <Stack gap={4} align="flex-start">
          <Text size="sm">{datasetText.takeAnewDetail}</Text>
          <Button size="xs" variant="default" onClick={replacing.takeAnew}>
            {datasetText.takeAnew}
          </Button>
        </Stack>
      )}
      <Suspense fallback={null}>
        {renaming && (
          <RenameDialog
            title={datasetText.renameTitle}
            thing={dataset}
            flowId={flowId}
            read={() => call(importedDatasetEndpoints.get, { params: { id } })}
            rename={(given, held) => change.mutateAsync({ params: { id }, body: { name: given }, ...held })}
            onClose={() => setRenaming(false)}
          />
        )}
      </Suspense>
    </>
  );
}

/** Puts a new file under the dataset; one that does not keep its promise can be taken with columns of its own. */
function useReplacement(id: number, onWarnings: ActionsProps['onWarnings']) {
  const client = useQueryClient();
  const [now, setNow] = useState<{ name: string; share: number } | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [refused, setRefused] = useState<File | null>(null);
  async function replace(file: File, fields: Readonly<Record<string, string>> = {}): Promise<void> {
    setProblem(null);
    setRefused(null);
    const onProgress = (share: number) => setNow({ name: file.name, share });
    onProgress(0);
    try {
      const { warnings } = await upload(
        importedDatasetEndpoints.replaceFile,
        { id },
        { file, fields, onProgress },
      );
      onWarnings(warnings ?? []);
      refresh(client, ['/v4/importedDatasets', '/v4/wrangledDatasets', '/v4/flows']);
      notifyDone(datasetText.replaced);
    } catch (error) {
      const told = toProblem(error);
      setProblem(told);
      if (told.status === 400 && fields['newPromise'] === undefined) setRefused(file);
    } finally {
      setNow(null);
    }
  }
  return {
    now,
    problem,
    start: (file: File | null) => void (file !== null && replace(file)),
    takeAnew: refused === null ? null : () => void replace(refused, { newPromise: 'true' }),
  };
}

/** The recipes of the flow that read the dataset. */
function listReaders(graph: PanelProps['graph'], datasetId: number) {
  const node = graph.data.find(({ importedDataset }) => importedDataset?.id === datasetId);
  return graph.edges
    .filter(({ inputFlowNode }) => inputFlowNode.id === node?.id)
    .flatMap(({ outputFlowNode }) => graph.data.filter((each) => each.id === outputFlowNode.id));
}

function UsedBy({ dataset: { id }, graph, mayChange, onSelect }: PanelProps & { readonly dataset: Dataset }) {
  const readers = listReaders(graph, id);
  return (
    <div>
      <Text fw={600} size="sm">
        {datasetText.usedBy}
      </Text>
      {readers.length === 0 ? (
        <Text size="sm" c="dimmed">
          {datasetText.usedByNone}
        </Text>
      ) : (
        <List size="sm">
          {readers.map((recipe) => (
            <List.Item key={recipe.id}>
              <Anchor
                component="button"
                type="button"
                size="sm"
                onClick={() => onSelect({ kind: 'recipe', id: recipe.id })}
              >
                {recipe.name}
              </Anchor>
            </List.Item>
          ))}
        </List>
      )}
      {mayChange && readers.length > 0 && (
        <Text size="xs" c="dimmed">
          {datasetText.usedByWhy}
        </Text>
      )}
    </div>
  );
}
