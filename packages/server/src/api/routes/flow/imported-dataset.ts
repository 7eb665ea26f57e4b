// Datasets: by upload and by address, their files, and their first rows.
import { describeIssues } from '@flowhook/contract/problem';
import type { QueryOf, ReplyOf } from '@flowhook/contract/endpoint';
import { datasetLookEndpoints as looks } from '@flowhook/contract/flow/dataset-look';
import {
  importedDatasetEndpoints as endpoints,
  replacementFields,
  uploadFields,
  datasetNames,
} from '@flowhook/contract/flow/imported-dataset';
import { invalidFields } from '../../../base/error.ts';
import {
  changeDataset,
  createDatasetFromUpload,
  createDatasetFromUri,
  previewDataset,
  removeDataset,
  replaceFile,
  type ChangedDataset,
} from '../../../flows/datasets/dataset.ts';
import { requireDataset } from '../../../flows/datasets/dataset-access.ts';
import { addToFlow, removeFromFlow } from '../../../flows/datasets/dataset-link.ts';
import { lookAtArriving, lookAtFile, type Look } from '../../../flows/datasets/dataset-look.ts';
import { endLoan, listUses } from '../../../flows/datasets/dataset-use.ts';
import { countDatasets, readDatasets, visibleDatasets } from '../../../flows/datasets/dataset-store.ts';
import type { FlowRoom } from '../../../flows/flow-room.ts';
import type { Caller } from '../../../people/caller.ts';
import { abortWithClient } from '../../client-end.ts';
import { showDataset, showWarnings } from '../../views/flow-view.ts';
import { pickFields, planList, type ListPlan, type ListRules } from '../../views/list.ts';
import { receiveForm, type TextFields } from '../../multipart.ts';
import { implement, implementMaking, type Route } from '../../route.ts';
import { answerRows, narrowPlan } from '../../views/row-list.ts';

const rules: ListRules<typeof datasetNames> = {
  sortable: {
    id: 'd.id',
    name: 'd.name',
    format: 'd.format',
    size: 'd.size_bytes',
    createdAt: 'd.created_at',
    updatedAt: 'd.updated_at',
  },
  filterable: { name: 'd.name', description: "coalesce(d.description, '')", uri: 'd.uri' },
  embeds: datasetNames.embed,
};

export function importedDatasetRoutes({ room }: { readonly room: FlowRoom }): Route[] {
  const { read } = room.db;
  return [
    implement(endpoints.list, ({ query, caller }) =>
      answerRows(planDatasets(query, caller), {
        read: (plan) => readDatasets(read, plan),
        count: (where) => countDatasets(read, where),
        show: (rows, embed) => rows.map((row) => showDataset(row, embed)),
      }),
    ),
    implement(endpoints.count, async ({ query, caller }) => ({
      count: await countDatasets(read, planDatasets(query, caller).where),
    })),
    implementMaking(endpoints.create, {
      make: ({ body, caller }, keep) => createDatasetFromUri({ ...room, keep }, caller, body),
      show: async ({ id }, { caller }) => showDataset(await requireDataset(room, caller, id, 'read')),
    }),
    implement(endpoints.get, async ({ params, query, caller }) => {
      const { embed, fields, includeDeleted } = planList(query, rules);
      const row = await requireDataset(room, caller, params.id, includeDeleted ? 'readDeleted' : 'read');
      return pickFields(showDataset(row, embed), fields);
    }),
    implement(endpoints.change, async ({ params, body, caller, held }) =>
      showChanged(await changeDataset(held(room), caller, params.id, body)),
    ),
    implement(endpoints.remove, ({ params, caller, held }) => removeDataset(held(room), caller, params.id)),
    implementMaking(endpoints.addToFlow, {
      make: ({ params, body, caller }, keep) => addToFlow({ ...room, keep }, caller, params.id, body.flow.id),
      show: async ({ id }, { body }) => ({
        id,
        flow: { id: body.flow.id },
        recipe: { id },
        wrangled: false as const,
      }),
    }),
    implement(endpoints.removeFromFlow, ({ params, body, caller }) =>
      removeFromFlow(room, caller, params.id, body.flow.id),
    ),
    implement(endpoints.uses, async ({ params, caller }) => ({
      data: await listUses(room, caller, params.id),
    })),
    implement(endpoints.endUse, ({ params, caller }) => endLoan(room, caller, params.id, params.useId)),
    implement(endpoints.preview, async ({ params, query, caller, reply }) => {
      const signal = abortWithClient(reply);
      const { columns, rows, truncated, sample, warnings } = await previewDataset(room, caller, params.id, {
        limit: query.limit,
        signal,
      });
      return { columns, rows, truncated, sample, warnings };
    }),
    implement(looks.read, async ({ body, caller }) => showLook(await lookAtFile(room, caller, body))),
    ...fileRoutes(room),
  ];
}

function fileRoutes(room: FlowRoom): Route[] {
  return [
    implement(endpoints.upload, ({ caller, request }) =>
      receiveForm(request, async (file, readFields) => {
        const readInput = async () => parseFields(await readFields());
        const { id } = await createDatasetFromUpload(room, caller, file, readInput);
        return showDataset(await requireDataset(room, caller, id, 'read'));
      }),
    ),
    implement(looks.readUpload, ({ caller, request }) =>
      receiveForm(request, async (file, readFields) => {
        const readInput = async () => parseFields(await readFields());
        return showLook(await lookAtArriving(room, caller, file, readInput));
      }),
    ),
    implement(endpoints.replaceFile, ({ params, caller, request, held }) =>
      receiveForm(request, async (file, readFields) => {
        const readInput = async () => parseReplacement(await readFields());
        return showChanged(await replaceFile(held(room), caller, params.id, { file, readInput }));
      }),
    ),
  ];
}

function showLook({ found, ...look }: Look): ReplyOf<typeof looks.read> {
  const { format = null, compression = null, options = {}, columns = [], assumptions = [] } = found ?? {};
  return { ...look, format, compression, options, columns, assumptions } as ReplyOf<typeof looks.read>;
}

function planDatasets(query: QueryOf<typeof endpoints.list>, caller: Caller): ListPlan {
  return narrowPlan(planList(query, rules), 'd', [visibleDatasets(caller)]);
}

function showChanged({ dataset, warnings, told = [] }: ChangedDataset) {
  const shown = showWarnings(warnings).warnings ?? [];
  const all = [...told, ...shown];
  return { ...showDataset(dataset), ...(all.length > 0 && { warnings: all }) };
}

function parseReplacement(fields: TextFields) {
  const parsed = replacementFields.safeParse(fields);
  if (!parsed.success) throw invalidFields(describeIssues(parsed.error));
  return { newPromise: parsed.data.newPromise === 'true' };
}

function parseFields(fields: TextFields) {
  const parsed = uploadFields.safeParse(fields);
  if (!parsed.success) throw invalidFields(describeIssues(parsed.error));
  return parsed.data;
}
