// The API's words for recipes, outputs, inputs and roles, over ours: in what a problem names, and in answers.
import type { ReplyOf } from '@flowhook/contract/endpoint';
import type { flowEndpoints } from '@flowhook/contract/flow/flow';
import { Problem } from '../../base/error.ts';
import type { FlowRole } from '../../people/flow-access.ts';

export const shownFlowRoles: Readonly<Record<FlowRole, ReplyOf<typeof flowEndpoints.get>['callerRole']>> = {
  owner: 'owner',
  editor: 'collaborator',
  viewer: 'readOnly',
};

const inputFields = { dataset: 'importedDataset', recipe: 'wrangledDataset' } as const;
const members: Readonly<Record<string, string>> = { output: 'outputObject', recipes: 'wrangledDatasets' };

/** What the room throws, with the API's names for fields and members. `input` is what the request gave as input. */
export async function inFlowWords<Result>(
  work: Promise<Result>,
  input?: { readonly kind: keyof typeof inputFields },
): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof Problem ? translate(error, inputFields[input?.kind ?? 'dataset']) : error;
  }
}

function translate(problem: Problem, inputField: string): Problem {
  const errors = problem.errors.map(({ field, detail }) => ({
    field: field.replace(/^input\b/u, inputField).replace(/^recipeId$/u, 'flowNodeId'),
    detail,
  }));
  const more = Object.entries(problem.more).map(([name, value]) => [members[name] ?? name, value]);
  return new Problem(
    problem.code,
    problem.message,
    errors,
    Object.fromEntries(more) as Record<string, unknown>,
  );
}
