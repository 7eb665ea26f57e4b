// Pure: which recipes of a flow are run together, and what is wrong with what was asked for.

/** What an override must say for a recipe that has no output of its own. */
export interface RecipeOverrides {
  readonly writeSettings: readonly unknown[] | undefined;
}

interface NamedRecipe {
  readonly id: number;
  readonly name: string;
}

export interface RunChoice {
  readonly recipes: readonly NamedRecipe[];
  /** The ids of those that have an output of the kind that is run. */
  readonly withOutput: readonly number[];
  readonly chosen: readonly number[] | undefined;
  readonly overrides: ReadonlyMap<string, RecipeOverrides>;
}

export type ChosenRecipes =
  | { readonly ok: true; readonly recipes: readonly NamedRecipe[] }
  | { readonly ok: false; readonly field: string; readonly detail: string };

/**
 * Unless some are chosen, all that have an output are run. Overrides name recipes: one that names none, or several,
 * or one that is not run would silently write elsewhere than its author thinks, and is refused.
 */
export function chooseRecipes({ recipes, withOutput, chosen, overrides }: RunChoice): ChosenRecipes {
  const ids = new Set(chosen ?? withOutput);
  for (const [index, id] of (chosen ?? []).entries())
    if (!recipes.some((recipe) => recipe.id === id))
      return refuse(`wrangledDatasetIds[${index}]`, `This flow has no recipe ${id}.`);
  for (const name of overrides.keys()) {
    const named = recipes.filter((recipe) => recipe.name === name);
    const fault = judgeName(named, ids);
    if (fault !== null) return refuse(`overrides.${name}`, fault);
  }
  return { ok: true, recipes: recipes.filter(({ id }) => ids.has(id)) };
}

function judgeName(named: readonly NamedRecipe[], ids: ReadonlySet<number>): string | null {
  if (named.length === 0) return 'This flow has no recipe of this name.';
  if (named.length > 1) return 'Several recipes of this flow have this name: rename all but one.';
  return ids.has(named[0]!.id) ? null : 'This recipe is not among those that are run.';
}

function refuse(field: string, detail: string): ChosenRecipes {
  return { ok: false, field, detail };
}
