// Who reads whom: the datasets and recipes that a target reaches, in the order in which they can be made.
import { foldName } from '@flowhook/contract/flow/name';
import type { Dataset } from '../../dataset.ts';
import type { Query, Recipe } from '../../engine.ts';
import { sqlFailure } from './explain-sql.ts';
import type { TableUse } from './judge.ts';
import { parseRecipe } from './parse-recipe.ts';
import { toPosition } from './place.ts';
import { Refused } from '../task/refusal.ts';
import type { Session } from '../task/session.ts';

/** A recipe to be made after those before it. `uses` counts how often recipes of the graph name it. */
export interface GraphRecipe {
  recipe: Recipe;
  uses: number;
  reads: Recipe[];
}

export interface Graph {
  datasets: Dataset[];
  /** In order of making; the target, where it is a recipe, is the last. */
  recipes: GraphRecipe[];
  target: Recipe | Dataset;
  /** What the target's own SQL names. */
  references: string[];
}

type Source = { dataset: Dataset } | { recipe: Recipe };

/** Reads the graph below the query's target; throws `Refused` for an unknown or ambiguous name and for circles. */
export async function readGraph(session: Session, query: Query): Promise<Graph> {
  const target = findTarget(query);
  const datasets = new Set<Dataset>();
  const nodes = new Map<Recipe, GraphRecipe>();
  const done: GraphRecipe[] = [];
  const names = new Map<Recipe, string[]>();

  async function visit(recipe: Recipe, path: readonly Recipe[]): Promise<void> {
    const node: GraphRecipe = { recipe, uses: 0, reads: [] };
    nodes.set(recipe, node);
    const sources = (await parseRecipe(session, recipe, query.parameters)).map((use) => ({
      use,
      source: resolve(query, recipe, use),
    }));
    names.set(recipe, [...new Set(sources.map(({ source }) => nameOf(source)))]);
    for (const { use, source } of sources) await follow(node, use, source, [...path, recipe]);
    done.push(node);
  }

  async function follow(
    node: GraphRecipe,
    use: TableUse,
    source: Source,
    path: readonly Recipe[],
  ): Promise<void> {
    if ('dataset' in source) return void datasets.add(source.dataset);
    const circle = path.indexOf(source.recipe);
    if (circle >= 0) throw circleRefusal(node.recipe, use, path.slice(circle));
    if (!nodes.has(source.recipe)) await visit(source.recipe, path);
    const below = nodes.get(source.recipe);
    if (below !== undefined) below.uses += 1;
    node.reads.push(source.recipe);
  }

  if ('sql' in target) await visit(target, []);
  else datasets.add(target);
  const references = 'sql' in target ? (names.get(target) ?? []) : [];
  return { datasets: [...datasets], recipes: done, target, references };
}

const nameOf = (source: Source): string => ('dataset' in source ? source.dataset.name : source.recipe.name);

function findTarget({ recipes, datasets, target }: Query): Recipe | Dataset {
  const key = foldName(target);
  const named = recipes.filter((recipe) => foldName(recipe.name) === key);
  if (named.length > 1) throw ambiguous({ name: target, sql: null }, target, null);
  const found = named[0] ?? datasets.find((dataset) => foldName(dataset.name) === key);
  if (found !== undefined) return found;
  const nothing = { name: target, sql: null };
  throw new Refused(
    sqlFailure(nothing, `There is no recipe or dataset "${target}" in this flow.`, null, null),
  );
}

function ambiguous(reader: { name: string; sql: string | null }, name: string, at: number | null): Refused {
  const message = `Two things of this flow are named "${name}".`;
  return new Refused(sqlFailure(reader, message, 'Rename one of them.', at));
}

/** What a name means to a recipe: its own name never means itself. */
function resolve(query: Query, reader: Recipe, use: TableUse): Source {
  const key = foldName(use.name);
  const same = ({ name }: { name: string }): boolean => foldName(name) === key;
  const sources: Source[] = [
    ...query.datasets.filter(same).map((dataset) => ({ dataset })),
    ...query.recipes.filter((recipe) => recipe !== reader && same(recipe)).map((recipe) => ({ recipe })),
  ];
  const at = placeOf(reader, use);
  if (sources.length > 1) throw ambiguous(reader, use.name, at);
  if (sources[0] === undefined) throw unknownName(query, reader, use, at);
  return sources[0];
}

const placeOf = (reader: Recipe, use: TableUse): number | null =>
  reader.sql === null || use.at === null ? null : toPosition(reader.sql, use.at);

function unknownName(query: Query, reader: Recipe, use: TableUse, at: number | null): Refused {
  if (foldName(use.name) === foldName(reader.name))
    return new Refused(
      sqlFailure(reader, 'A recipe can not read itself.', 'Read another recipe or a dataset.', at),
    );
  const literal = at !== null && reader.sql?.[at] === "'";
  if (literal || /[/\\*]|:\/\//.test(use.name))
    return new Refused(
      sqlFailure(
        reader,
        `A recipe reads datasets and recipes by name, not files: '${use.name}'.`,
        `Add the file to the flow as a dataset. ${knownNames(query, reader)}`,
        at,
      ),
    );
  const message = `There is no dataset or recipe "${use.name}" in this flow.`;
  return new Refused(sqlFailure(reader, message, knownNames(query, reader), at));
}

function knownNames(query: Query, reader: Recipe): string {
  const all = [...query.datasets, ...query.recipes.filter((recipe) => recipe !== reader)];
  if (all.length === 0) return 'The flow has none yet.';
  const names = all.slice(0, 20).map(({ name }) => `"${name}"`);
  return `Known names: ${names.join(', ')}${all.length > 20 ? ` and ${all.length - 20} more` : ''}.`;
}

function circleRefusal(reader: Recipe, use: TableUse, circle: readonly Recipe[]): Refused {
  const path = [...circle, circle[0]].map((recipe) => `"${recipe?.name}"`).join(' reads ');
  const message = `Recipes would read each other in a circle: ${path}.`;
  return new Refused(sqlFailure(reader, message, 'Break the circle at one of them.', placeOf(reader, use)));
}
