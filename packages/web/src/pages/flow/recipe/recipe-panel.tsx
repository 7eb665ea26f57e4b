// A recipe: its SQL, columns and first rows; what can be built on it.
import { Button, Group, Menu, Stack, Tabs, Text } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { outputObjectEndpoints } from '@flowhook/contract/flow/output-object';
import { wrangledDatasetEndpoints } from '@flowhook/contract/flow/wrangled-dataset';
import { call } from '../../../api/call.ts';
import { useChange, useEndpoint } from '../../../api/query.ts';
import { Answer } from '../../../parts/page/answer.tsx';
import { useDraftNames } from '../../../parts/form/draft-store.ts';
import { IconChevronDown, IconCode, IconFileExport, IconPencil, IconTrash } from '../../../parts/icon.ts';
import { notifyDone } from '../../../parts/page/notice.ts';
import { ProblemAlert } from '../../../parts/page/problem-alert.tsx';
import { RowTable } from '../../../parts/table/row-table.tsx';
import { recipeText, graphText } from '../../../text/graph.ts';
import { ColumnTable } from '../dataset/column-table.tsx';
import { RecipeSql } from './recipe-sql.tsx';
import type { Recipe } from '../flow-part.ts';
import type { PanelProps } from '../panel-props.ts';

const RemoveRecipeDialog = lazy(() => import('./remove-recipe-dialog.tsx'));
const RenameDialog = lazy(() => import('../rename-dialog.tsx'));

export default function RecipePanel({ id, ...panel }: PanelProps & { readonly id: number }) {
  const recipe = useEndpoint(wrangledDatasetEndpoints.get, { params: { id } });
  return (
    <Answer of={recipe}>
      {(data) => (
        <Stack gap="sm">
          {panel.mayChange && <Actions recipe={data} {...panel} />}
          <RecipeSql recipe={data} graph={panel.graph} mayChange={panel.mayChange} />
          <Result recipe={data} />
        </Stack>
      )}
    </Answer>
  );
}

function Result({ recipe: { id, columns, updatedAt } }: { readonly recipe: Recipe }) {
  const isTyped = useDraftNames().split(' ').includes(`recipe.${id}.sql`);
  return (
    <Tabs defaultValue="preview" keepMounted={false}>
      <Tabs.List>
        <Tabs.Tab value="preview">{recipeText.preview}</Tabs.Tab>
        <Tabs.Tab value="columns" disabled={columns === null}>
          {recipeText.columns}
        </Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="preview" pt="sm">
        {isTyped && (
          <Text size="sm" role="status">
            {recipeText.previewUnsaved}
          </Text>
        )}
        <Preview key={updatedAt} id={id} />
      </Tabs.Panel>
      <Tabs.Panel value="columns" pt="sm">
        <ColumnTable columns={columns ?? []} />
      </Tabs.Panel>
    </Tabs>
  );
}

function Preview({ id }: { readonly id: number }) {
  const preview = useEndpoint(wrangledDatasetEndpoints.preview, { params: { id }, query: { limit: 50 } });
  return <Answer of={preview}>{(rows) => <RowTable label={recipeText.preview} rows={rows} />}</Answer>;
}

function Actions({ recipe, graph, onSelect, onDo }: PanelProps & { readonly recipe: Recipe }) {
  const { id, name } = recipe;
  const [doing, setDoing] = useState<'rename' | 'remove' | null>(null);
  const output = graph.outputObjects.find(({ flowNode, isAdhoc }) => flowNode.id === id && isAdhoc);
  const addOutput = useChange(outputObjectEndpoints.create, {
    refreshes: ['/v4/flows'],
    onDone: (made) => onSelect({ kind: 'output', id: made.id }),
  });
  const toOutput = () => {
    if (output) onSelect({ kind: 'output', id: output.id });
    else addOutput.mutate({ body: { flowNodeId: id } });
  };
  return (
    <>
      <Group gap="xs">
        <Button
          size="xs"
          variant="default"
          loading={addOutput.isPending}
          leftSection={<IconFileExport size={14} aria-hidden />}
          onClick={toOutput}
        >
          {output ? recipeText.toOutput : recipeText.addOutput}
        </Button>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconCode size={14} aria-hidden />}
          onClick={() => onDo({ what: 'recipe', on: { kind: 'recipe', id, name } })}
        >
          {recipeText.addRecipe}
        </Button>
        <Menu keepMounted={false}>
          <Menu.Target>
            <Button size="xs" variant="default" rightSection={<IconChevronDown size={14} aria-hidden />}>
              {graphText.actions}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={() => setDoing('rename')}>
              {recipeText.rename}
            </Menu.Item>
            <Menu.Item
              color="red"
              leftSection={<IconTrash size={16} aria-hidden />}
              onClick={() => setDoing('remove')}
            >
              {recipeText.remove}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </Group>
      {addOutput.error && <ProblemAlert problem={addOutput.error} />}
      {doing === 'rename' && <Rename recipe={recipe} onClose={() => setDoing(null)} />}
      {doing === 'remove' && (
        <Suspense fallback={null}>
          <RemoveRecipeDialog
            recipe={recipe}
            onClose={() => setDoing(null)}
            onRemoved={() => onSelect({ kind: 'nothing' })}
          />
        </Suspense>
      )}
    </>
  );
}

function Rename({ recipe, onClose }: { readonly recipe: Recipe; onClose(): void }) {
  const params = { id: recipe.id };
  const change = useChange(wrangledDatasetEndpoints.change, {
    refreshes: ['/v4/flows'],
    onDone: () => notifyDone(recipeText.renamed),
  });
  return (
    <Suspense fallback={null}>
      <RenameDialog
        title={recipeText.renameTitle}
        thing={recipe}
        flowId={recipe.flow.id}
        read={() => call(wrangledDatasetEndpoints.get, { params })}
        rename={(name, held) => change.mutateAsync({ params, body: { name }, ...held })}
        onClose={onClose}
      />
    </Suspense>
  );
}
