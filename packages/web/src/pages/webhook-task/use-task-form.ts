// The state of the editor's form: checked by the contract, saved as a new task or as a change.
import {
  webhookTaskChange,
  webhookTaskCreate,
  webhookTaskEndpoints,
} from '@flowhook/contract/webhook/webhook-task';
import { call } from '../../api/call.ts';
import { useChange } from '../../api/query.ts';
import { stampOf, versionOf } from '../../api/version.ts';
import type { FlowGraphAnswer } from '../../parts/graph/graph-layout.ts';
import { notifyDone } from '../../parts/page/notice.ts';
import { useContractForm } from '../../parts/form/use-contract-form.ts';
import { webhookTaskText as text } from '../../text/webhook/webhook-task.ts';
import {
  blankValues,
  checkValues,
  fieldsOf,
  toChange,
  toCreate,
  toValues,
  type Task,
  type TaskValues,
} from './task-values.ts';
import { viewTask } from './task-difference.ts';
import { checkLost, forgetLost, listLost, restoreDraft, stripSecrets } from './task-draft.ts';

interface TaskFormOptions {
  readonly flowId: number;
  readonly graph: FlowGraphAnswer;
  readonly task?: Task;
  onClose(): void;
}

export function useTaskForm({ flowId, graph, task, onClose }: TaskFormOptions) {
  const refreshes = ['/v4/flows'];
  const create = useChange(webhookTaskEndpoints.create, { refreshes });
  const change = useChange(webhookTaskEndpoints.change, { refreshes });
  const isNew = task === undefined;
  return useContractForm<TaskValues, typeof webhookTaskCreate | typeof webhookTaskChange>({
    schema: isNew ? webhookTaskCreate : webhookTaskChange,
    initialValues: isNew ? blankValues : toValues(task),
    toBody: (values) => (isNew ? toCreate(values, flowId) : toChange(values)),
    draft: {
      name: isNew ? `task.new.${flowId}` : `task.${task.id}`,
      strip: stripSecrets,
      restore: restoreDraft,
      lost: (values) => listLost(values).map(({ label }) => label),
      forgetLost,
    },
    check: (values) => [...checkValues(values), ...checkLost(values)],
    fieldOf: fieldsOf,
    thing: isNew
      ? undefined
      : {
          ...viewTask(graph.data.filter(({ wrangled }) => wrangled)),
          flowId,
          version: versionOf(task),
          read: () => readTask(task.id),
        },
    submit: async (body, values, held) => {
      if (isNew) await create.mutateAsync({ body: toCreate(values, flowId) });
      else
        await change.mutateAsync({
          params: { id: task.id },
          body,
          ...held,
        });
      notifyDone(text.saved(values.name));
      onClose();
    },
  });
}

async function readTask(id: number) {
  const task = await call(webhookTaskEndpoints.get, { params: { id } });
  return { values: toValues(task), ...stampOf(task) };
}

export type TaskForm = ReturnType<typeof useTaskForm>;
