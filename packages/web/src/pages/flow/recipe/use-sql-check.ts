// Asks the server what it thinks of SQL that is not saved yet.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { wrangledDatasetEndpoints } from '@flowhook/contract/flow/wrangled-dataset';
import type { Problem } from '@flowhook/client/problem';
import type { AnswerOf } from '@flowhook/client/call-input';
import { call } from '../../../api/call.ts';
import { writeInput } from './recipe-input.ts';
import type { Recipe } from '../flow-part.ts';

type Check = AnswerOf<typeof wrangledDatasetEndpoints.check>;

/** A POST, but one that changes nothing: a query like any other. Nothing is asked about no SQL. */
export function useSqlCheck(recipe: Recipe, sql: string) {
  const { id, name, flow, importedDataset, wrangledDataset } = recipe;
  const input = importedDataset
    ? writeInput({ kind: 'dataset', id: importedDataset.id })
    : wrangledDataset && writeInput({ kind: 'recipe', id: wrangledDataset.id });
  const body = { id, name, flow: { id: flow.id }, ...input, sql };
  return useQuery<Check, Problem>({
    // Under the recipes' path: what it reads may change while it is being written.
    queryKey: ['/v4/wrangledDatasets/check', { query: body }],
    queryFn: ({ signal }) => call(wrangledDatasetEndpoints.check, { body }, { signal }),
    enabled: sql.trim() !== '',
    placeholderData: keepPreviousData,
  });
}
