// Makes a recipe on a dataset or another recipe; it begins as a query of that.
import { Select, TextInput } from '@mantine/core';
import { wrangledDatasetCreate, wrangledDatasetEndpoints } from '@flowhook/contract/flow/wrangled-dataset';
import { useChange } from '../../../api/query.ts';
import { useChangeSearch } from '../../../parts/page/address.ts';
import { ContractForm } from '../../../parts/form/contract-form.tsx';
import { FormDialog } from '../../../parts/form/form-dialog.tsx';
import { useContractForm } from '../../../parts/form/use-contract-form.ts';
import { graphText } from '../../../text/graph.ts';
import type { FlowGraphAnswer } from '../../../parts/graph/graph-layout.ts';
import { freeName, listInputs, quoteName, writeInput, type RecipeInput } from './recipe-input.ts';
import { writeSelection } from '../selection.ts';

interface NewRecipeDialogProps {
  readonly flowId: number;
  readonly graph: FlowGraphAnswer | undefined;
  /** What it reads, where that is chosen already. */
  readonly on?: RecipeInput;
  onClose(): void;
}

export default function NewRecipeDialog({ flowId, graph, on, onClose }: NewRecipeDialogProps) {
  const changeSearch = useChangeSearch();
  const inputs = graph === undefined ? [] : listInputs(graph);
  const create = useChange(wrangledDatasetEndpoints.create, { refreshes: ['/v4/flows'] });
  const first = on ?? inputs[0];
  const form = useContractForm({
    schema: wrangledDatasetCreate,
    initialValues: {
      name: freeName(
        `${first?.name ?? 'rows'}_recipe`,
        inputs.map(({ name }) => name),
      ),
      input: first === undefined ? '' : keyOf(first),
    },
    fieldOf: { importedDataset: 'input', wrangledDataset: 'input', sql: 'input' },
    toBody: ({ name, input }) => {
      const read = inputs.find((each) => keyOf(each) === input);
      if (read === undefined) return { name, flow: { id: flowId } };
      return {
        name,
        flow: { id: flowId },
        ...writeInput(read),
        sql: `select *\nfrom ${quoteName(read.name)}`,
      };
    },
    submit: async (body) => {
      const { id } = await create.mutateAsync({ body });
      changeSearch(writeSelection({ kind: 'recipe', id }), { replace: false });
      onClose();
    },
  });
  return (
    <FormDialog
      form={form}
      onClose={onClose}
      title={on === undefined ? graphText.recipeTitle : graphText.recipeOn(on.name)}
    >
      <ContractForm form={form} submitLabel={graphText.makeRecipe} onCancel={onClose}>
        <TextInput label={graphText.name} data-autofocus {...form.fields.getInputProps('name')} />
        <Select
          label={graphText.recipeReads}
          description={graphText.recipeReadsHint}
          data={inputs.map((input) => ({ value: keyOf(input), label: input.name }))}
          allowDeselect={false}
          {...form.fields.getInputProps('input')}
        />
      </ContractForm>
    </FormDialog>
  );
}

function keyOf({ kind, id }: RecipeInput): string {
  return `${kind}-${id}`;
}
