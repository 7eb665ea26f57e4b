// What a task does when it fires: a request, or another job. A saved task keeps its kind.
import { Radio, Select, Stack, Text } from '@mantine/core';
import { wrangledDatasetEndpoints } from '@flowhook/contract/flow/wrangled-dataset';
import type { RowOf } from '../../../api/query.ts';
import { useEndpoint } from '../../../api/query.ts';
import { webhookTaskText as text } from '../../../text/webhook/webhook-task.ts';
import { Section } from './section.tsx';
import type { TaskForm } from '../use-task-form.ts';

const kinds = ['request', 'runJob'] as const;

export function KindSection({ form: { fields } }: { readonly form: TaskForm }) {
  return (
    <Section title={text.sections.kind}>
      <Radio.Group aria-label={text.sections.kind} {...fields.getInputProps('kind')}>
        <Stack gap="xs">
          {kinds.map((kind) => (
            <Radio key={kind} value={kind} label={text.kind[kind]} description={text.kindHelp[kind]} />
          ))}
        </Stack>
      </Radio.Group>
    </Section>
  );
}

type Recipe = RowOf<typeof wrangledDatasetEndpoints.list>;

/** The recipe whose output is run, of any flow that the person may see. */
export function RunSection({ form: { fields } }: { readonly form: TaskForm }) {
  const recipes = useEndpoint(wrangledDatasetEndpoints.list, {
    query: { noLimit: 'true', sort: 'name', embed: 'flow' },
  });
  return (
    <Section title={text.sections.run}>
      <Select
        label={text.runRecipe}
        description={text.runRecipeHelp}
        placeholder={text.runRecipePlaceholder}
        nothingFoundMessage={text.runRecipeNone}
        searchable
        allowDeselect={false}
        limit={200}
        data={groupByFlow(recipes.data?.data ?? [], fields.values.runRecipeId)}
        {...fields.getInputProps('runRecipeId')}
      />
      <Text size="sm" c="dimmed">
        {text.runRights}
      </Text>
    </Section>
  );
}

/** One that is stored, and that the person may not see, stands there by its number. */
function groupByFlow(recipes: readonly Recipe[], chosen: string) {
  const groups = new Map<string, { value: string; label: string }[]>();
  for (const { id, name, flow } of recipes) {
    const group = typeof flow['name'] === 'string' ? flow['name'] : '';
    groups.set(group, [...(groups.get(group) ?? []), { value: String(id), label: name }]);
  }
  const known = chosen === '' || recipes.some(({ id }) => String(id) === chosen);
  const grouped = [...groups].map(([group, items]) => ({ group, items }));
  return known ? grouped : [{ value: chosen, label: text.recipeNumber(Number(chosen)) }, ...grouped];
}
