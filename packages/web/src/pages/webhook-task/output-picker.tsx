// The outputs that a task waits for, picked in the flow's graph; the list below it says and does the same.
import { MultiSelect, Skeleton, Text } from '@mantine/core';
import { lazy, Suspense, useCallback, useMemo, type ReactNode } from 'react';
import type { Box, FlowGraphAnswer } from '../../parts/graph/graph-layout.ts';
import { webhookTaskText as text } from '../../text/webhook/webhook-task.ts';
import classes from './task-drawer.module.css';

// With its layout it weighs more than the rest of the editor.
const FlowGraph = lazy(() => import('../../parts/graph/flow-graph.tsx'));

interface OutputPickerProps {
  readonly graph: FlowGraphAnswer;
  /** Ids of recipes, whose outputs are watched. */
  readonly value: readonly string[];
  readonly error?: ReactNode;
  onChange(value: string[]): void;
}

export function OutputPicker({ graph, value, onChange, ...input }: OutputPickerProps) {
  const recipes = graph.data.filter(({ wrangled }) => wrangled);
  return (
    <>
      <Text size="sm" c="dimmed">
        {recipes.length === 0 ? text.noRecipes : text.pickInGraph}
      </Text>
      {recipes.length > 0 && <Picture graph={graph} value={value} onChange={onChange} />}
      <MultiSelect
        label={text.recipes}
        description={text.recipesHelp}
        placeholder={value.length === 0 ? text.recipesPlaceholder : ''}
        searchable
        data={recipes.map(({ id, name }) => ({ value: String(id), label: name }))}
        value={[...value]}
        onChange={onChange}
        {...input}
      />
    </>
  );
}

/** An output is a button; of a recipe that has none the recipe itself, since external jobs can be of it. */
function Picture({ graph, value, onChange }: Omit<OutputPickerProps, 'error'>) {
  const canSelect = useCallback(
    ({ kind, recipeId }: Box) =>
      kind === 'output' ||
      (kind === 'recipe' && !graph.outputObjects.some(({ flowNode }) => flowNode.id === recipeId)),
    [graph],
  );
  const selected = useMemo(() => {
    const isWatched = (recipeId: number) => value.includes(String(recipeId));
    const outputs = graph.outputObjects.filter(({ flowNode }) => isWatched(flowNode.id));
    const recipes = graph.data.filter(({ id, wrangled }) => wrangled && isWatched(id));
    return new Set([...outputs.map(({ id }) => `output-${id}`), ...recipes.map(({ id }) => `recipe-${id}`)]);
  }, [graph, value]);
  const toggle = useCallback(
    (box: Box | null) => {
      if (box === null) return;
      const id = String(box.recipeId);
      onChange(value.includes(id) ? value.filter((each) => each !== id) : [...value, id]);
    },
    [value, onChange],
  );
  return (
    <div className={classes['picker']} role="group" aria-label={text.pickerLabel}>
      <Suspense fallback={<Skeleton height="100%" />}>
        <FlowGraph
          data={graph}
          selected={selected}
          canSelect={canSelect}
          inline
          label={text.pickerLabel}
          onSelect={toggle}
        />
      </Suspense>
    </div>
  );
}
