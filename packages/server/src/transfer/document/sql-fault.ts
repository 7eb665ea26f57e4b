// Pure: where in a document a fault of SQL stands: at the recipe that was found, or at one that it reads.
import { foldName } from '@flowhook/contract/flow/name';
import type { FlowDocumentGiven } from '@flowhook/contract/flow/flow-document';
import { Problem } from '../../base/error.ts';

/** `index` is the recipe that was checked. */
export function placeSqlFault(problem: Problem, { recipes }: FlowDocumentGiven, index: number): Problem {
  const { code, message, more } = problem;
  const { name, sql } = recipes[index]!;
  const said = typeof more['recipe'] === 'string' ? more['recipe'] : name;
  const other = recipes.findIndex((recipe) => foldName(recipe.name) === foldName(said));
  const at = other === -1 ? index : other;
  const member = (at === index ? sql : recipes[at]!.sql) === null ? 'input' : 'sql';
  return new Problem(code, message, [{ field: `recipes[${at}].${member}`, detail: message }], { ...more });
}
