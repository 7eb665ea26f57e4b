// The API's words for what a webhook task watches, over ours: in requests, and in the fields that a problem names.
import { Problem } from '../base/error.ts';

/** `flowNodeIds` of a request as `recipeIds`; what was not given stays away. */
export function takeRecipeIds<Body extends { readonly flowNodeIds?: readonly number[] | undefined }>({
  flowNodeIds,
  ...rest
}: Body) {
  return { ...rest, ...(flowNodeIds !== undefined && { recipeIds: flowNodeIds }) };
}

/** A problem that names our word for a field names the API's instead. */
export async function inApiWords<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof Problem) || !error.errors.some(({ field }) => field === 'recipeIds')) throw error;
    const errors = error.errors.map(({ field, detail }) => ({
      field: field === 'recipeIds' ? 'flowNodeIds' : field,
      detail,
    }));
    throw new Problem(error.code, error.message.replaceAll('recipeIds', 'flowNodeIds'), errors, {
      ...error.more,
    });
  }
}
