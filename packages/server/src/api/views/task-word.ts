// The API's words for what a webhook task watches and runs, over ours: in requests, and in the fields that a problem names.
import { Problem } from '../../base/error.ts';

interface Given {
  readonly flowNodeIds?: readonly number[] | undefined;
  readonly runWrangledDataset?: { readonly id: number } | null | undefined;
}

/** `flowNodeIds` of a request as `recipeIds`, `runWrangledDataset` as `runRecipeId`; what was not given stays away. */
export function takeRecipeIds<Body extends Given>({ flowNodeIds, runWrangledDataset, ...rest }: Body) {
  return {
    ...rest,
    ...(flowNodeIds !== undefined && { recipeIds: flowNodeIds }),
    ...(runWrangledDataset !== undefined && { runRecipeId: runWrangledDataset?.id ?? null }),
  };
}

const apiWords: Readonly<Record<string, string>> = {
  recipeIds: 'flowNodeIds',
  runRecipeId: 'runWrangledDataset',
};

/** A problem that names our word for a field names the API's instead. */
export async function inApiWords<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof Problem) || !error.errors.some(({ field }) => field in apiWords)) throw error;
    const errors = error.errors.map(({ field, detail }) => ({ field: apiWords[field] ?? field, detail }));
    const message = error.message.replaceAll(/\b(?:recipeIds|runRecipeId)\b/gu, (word) => apiWords[word]!);
    throw new Problem(error.code, message, errors, { ...error.more });
  }
}
