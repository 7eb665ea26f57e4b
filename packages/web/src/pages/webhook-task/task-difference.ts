// Pure: the fields of a webhook task as people compare them when two have changed one task; secrets are never shown.
import type { WebhookCondition } from '@flowhook/contract/webhook/webhook-condition';
import type { FieldView } from '../../parts/form/conflict.ts';
import { partText } from '../../text/part.ts';
import { conditionText } from '../../text/webhook/webhook-condition.ts';
import { webhookTaskText as text } from '../../text/webhook/webhook-task.ts';
import { toCondition, type ConditionValues } from './condition-values.ts';
import { isSecretHeader } from './task-draft.ts';
import type { Row, TaskValues } from './task-values.ts';
import { describeCondition } from './watch-words.ts';

interface Named {
  readonly id: number;
  readonly name: string;
}

/** What a task does is chosen once, a grace for the earlier key is of one saving alone, and a draft's gaps are no field. */
type ComparedField = Exclude<keyof TaskValues, 'kind' | 'overlap' | 'lost'>;
type OtherField = keyof typeof text.fields;

const otherLabels = Object.fromEntries(
  Object.entries(text.fields).map(([field, [label]]) => [field, label]),
) as Record<OtherField, string>;

const labels: Readonly<Record<ComparedField, string>> = {
  ...otherLabels,
  name: text.name,
  triggerEvent: text.triggerEvent,
  triggerObject: text.watched,
  flowNodeIds: text.recipes,
  condition: conditionText.label,
  method: text.method,
  url: text.url,
  urlSecret: text.urlSecret,
  headers: text.sections.headers,
  body: text.body,
  secretKey: text.secretKey,
  secretKeyRemoved: text.secretKey,
  secrets: text.namedSecrets,
  runRecipeId: text.runRecipe,
};

/** `recipes` are those that the flow has names for. */
export function viewTask(recipes: readonly Named[]): FieldView<TaskValues> {
  const nameOf = (id: string) =>
    recipes.find((recipe) => String(recipe.id) === id)?.name ?? text.recipeNumber(Number(id));
  return {
    labels,
    plain: (_, value) => (isRows(value) ? value.map(({ key: _key, lost: _lost, ...row }) => row) : value),
    show(field, value) {
      if (isRows(value)) return value.map(writeRow).join('\n');
      if (field === 'flowNodeIds') return (value as readonly string[]).map(nameOf).join(', ');
      if (field === 'runRecipeId') return nameOf(String(value));
      if (field === 'condition') return writeCondition(value as ConditionValues);
      if (field === 'triggerEvent') return text.event[value as TaskValues['triggerEvent']];
      if (field === 'triggerObject') return value === 'some' ? text.watchedSome : text.watchedAny;
      return field === 'method' ? String(value).toUpperCase() : String(value);
    },
    isHidden: (field, mine) => isHidden(field, mine),
  };
}

function isRows(value: unknown): value is readonly Row[] {
  return Array.isArray(value) && value.some((row) => typeof row === 'object');
}

function writeRow(row: Row): string {
  return `${row.name}: ${isSecretHeader(row) ? partText.masked : row.value}`;
}

function writeCondition(values: ConditionValues): string {
  const condition = toCondition(values) as WebhookCondition | null;
  return condition === null ? conditionText.kinds[''] : describeCondition(condition, 'onJobDone');
}

function isHidden(field: string, { url, urlSecret, headers, secrets, ...mine }: TaskValues): boolean {
  const isTyped = ({ value }: Row) => value !== '';
  switch (field) {
    case 'url':
      return urlSecret && !url.includes('****');
    case 'headers':
      return headers.some((row) => isSecretHeader(row) && isTyped(row));
    case 'secrets':
      return secrets.some(isTyped);
    case 'secretKey':
      return mine.secretKey !== '';
    case 'secretKeyRemoved':
      return mine.secretKeyRemoved;
    default:
      return false;
  }
}
