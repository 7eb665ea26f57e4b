// The SQL of a recipe: checked by the server as it is typed, with the fault at its place; saved on demand.
import { Button, Group, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { lazy, Suspense, useEffect, useMemo, useRef } from 'react';
import { versionOf } from '../../../api/version.ts';
import { CodeEditor } from '../../../parts/code/code-editor.tsx';
import { useDraft } from '../../../parts/form/draft.ts';
import { ProblemAlert } from '../../../parts/page/problem-alert.tsx';
import { StateBadge } from '../../../parts/state-badge.tsx';
import { WarningList } from '../../../parts/page/warning-list.tsx';
import { formatMoment } from '../../../parts/time/format.ts';
import { datasetText, recipeText } from '../../../text/graph.ts';
import type { FlowGraphAnswer } from '../../../parts/graph/graph-layout.ts';
import type { Recipe } from '../flow-part.ts';
import { toFaults, writeFault } from './sql-fault.ts';
import { useSqlCheck } from './use-sql-check.ts';
import { useRecipeSave } from './use-recipe-save.ts';
import { useTables } from './use-tables.ts';

const ConflictView = lazy(() => import('../../../parts/form/conflict-view.tsx'));

interface RecipeSqlProps {
  readonly recipe: Recipe;
  readonly graph: FlowGraphAnswer;
  readonly mayChange: boolean;
}

export function RecipeSql({ recipe, graph, mayChange }: RecipeSqlProps) {
  const draft = useDraft(`recipe.${recipe.id}.sql`, recipe.sql ?? '', versionOf(recipe));
  const { text: sql, isChanged: changed } = draft;
  const [settled] = useDebouncedValue(sql, 350);
  const check = useSqlCheck(recipe, settled);
  const tables = useTables(recipe.flow.id, graph);
  const saving = useRecipeSave(recipe, draft);
  const { asked, conflict } = saving;
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (asked !== null) place.current?.focus();
  }, [asked]);
  const submit = () => {
    if (changed && mayChange) saving.save();
  };
  const fault = settled === sql ? (check.data?.error ?? null) : null;
  const faults = useMemo(() => toFaults(fault, recipe.name, sql), [fault, recipe.name, sql]);
  return (
    <Stack gap="xs">
      <CodeEditor
        label={recipeText.sql}
        description={mayChange ? `${recipeText.sqlHint} ${recipeText.sqlSaves}` : recipeText.sqlHint}
        language="sql"
        value={sql}
        onChange={draft.type}
        readOnly={!mayChange}
        tables={tables}
        faults={faults}
        {...(fault && { error: writeFault(fault, recipe.name) })}
        minHeight={140}
        onSubmit={submit}
      />
      {draft.foundAt !== null && (
        <Text size="sm" role="status">
          {recipeText.draft(formatMoment(draft.foundAt))}
        </Text>
      )}
      {saving.problem && changed && <ProblemAlert problem={saving.problem} />}
      {conflict !== null && (
        <div ref={place} tabIndex={-1}>
          <Suspense fallback={null}>
            <ConflictView conflict={conflict} pending={saving.isPending} />
          </Suspense>
        </div>
      )}
      <WarningList title={datasetText.warnings} warnings={saving.warnings} />
      {mayChange && (
        <Group justify="space-between">
          <Status
            changed={changed}
            // What was found about another text is not said of this one.
            checking={check.isFetching || settled !== sql}
            valid={sql.trim() === '' ? undefined : check.data?.valid}
          />
          <Group gap="xs">
            <Button size="xs" variant="default" disabled={!changed} onClick={saving.discard}>
              {recipeText.revert}
            </Button>
            <Button size="xs" disabled={!changed} loading={saving.isPending} onClick={submit}>
              {recipeText.save}
            </Button>
          </Group>
        </Group>
      )}
    </Stack>
  );
}

interface StatusProps {
  readonly changed: boolean;
  readonly checking: boolean;
  readonly valid: boolean | undefined;
}

function Status({ changed, checking, valid }: StatusProps) {
  return (
    <Group gap="xs" aria-live="polite">
      {valid !== undefined && !checking && <StateBadge state={valid ? 'valid' : 'invalid'} />}
      {checking && (
        <Text size="xs" c="dimmed">
          {recipeText.checking}
        </Text>
      )}
      {changed && (
        <Text size="xs" c="dimmed">
          {recipeText.unsaved}
        </Text>
      )}
    </Group>
  );
}
