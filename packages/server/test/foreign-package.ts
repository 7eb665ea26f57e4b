// Packages in the original's shape, made up: two datasets, two recipes, an output, a webhook task with its secrets.
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import { writeForm, formHeaders } from './upload-form.ts';
import type { Client, RawAnswer } from './client.ts';

const step = (type: string, parameters: object) => ({ task: { type, parameters } });

/** One flow as version 7.x writes it. */
export function foreignFlow() {
  return {
    id: 31,
    name: 'Quarterly numbers',
    description: 'Orders by quarter',
    defaultOutputDir: null,
    fromExampleFlowHash: null,
    fromExampleFlowName: null,
    settings: { optimize: 'default' },
    flownodes: [
      { id: 501, scriptId: 901, wrangled: false, referenceId: null, flowNodeId: null },
      { id: 502, scriptId: 902, wrangled: false, referenceId: null, flowNodeId: null },
      { id: 503, scriptId: 903, wrangled: true, referenceId: null, flowNodeId: null },
      { id: 504, scriptId: 904, wrangled: true, referenceId: null, flowNodeId: null },
    ],
    flowedges: [
      { id: 1, inFlowNodeId: 501, outFlowNodeId: 503, inPortId: null, outPortId: null },
      { id: 2, inFlowNodeId: 502, outFlowNodeId: 503, inPortId: null, outPortId: 1 },
      { id: 3, inFlowNodeId: 503, outFlowNodeId: 504, inPortId: null, outPortId: null },
    ],
    flowgraphvertices: [{ id: 1, objectId: 501, objectType: 'flownode', x: 10, y: 20 }],
    recipes: [
      recipe(901, 'Orders.csv', [step('SplitRows', { col: 'column1' })]),
      recipe(902, 'Quarters.csv', []),
      recipe(903, 'Join quarters', [step('Join', { with: 'Quarters' }), step('Comment', { text: 'later' })]),
      recipe(904, 'As it is', []),
    ],
    outputobjects: [
      {
        id: 71,
        flowNodeId: 504,
        isAdhoc: true,
        execution: 'dataflow',
        profiler: true,
        outputobjectsparkoptions: [],
        outputobjectdataflowoptions: [{ id: 1, key: 'region', value: 'europe-west1' }],
        publications: [
          { id: 1, action: 'createAndLoad', targetType: 'bigquery', tableName: 't', parameters: {} },
        ],
        writesettings: [
          {
            id: 81,
            path: 'gs://numbers/results/Quarters',
            suffix: '.csv',
            prefix: null,
            action: 'overwrite',
            format: 'csv',
            compression: 'none',
            header: true,
            asSingleFile: true,
            delim: ',',
            hasQuotes: false,
            connectionId: null,
            runParameters: [],
          },
          { id: 82, path: '/results/Quarters', action: 'create', format: 'avro', compression: 'none' },
        ],
      },
    ],
    datasources: [
      datasource(61, 901, 'gs', 'gs://numbers/in/Orders.csv', '/in/Orders.csv'),
      datasource(62, 902, 'gs', 'gs://numbers/in/Quarters.csv', '/in/Quarters.csv'),
    ],
    webhookflowtasks: [
      {
        id: 41,
        name: 'Tell the board',
        url: 'https://hooks.example.com/board',
        method: 'post',
        triggerEvent: 'onJobSuccess',
        triggerObject: 'some',
        headers: { 'Content-Type': 'application/json', Authorization: 'Bearer typed-by-somebody' },
        body: '{"text":"$jobId is $jobStatus"}',
        secretKey: 'a secret key',
        sslVerification: true,
        retryOnFailure: true,
        flownodes: [{ id: 504 }],
      },
    ],
    notes: [{ id: 1, content: 'Look here', flowGraphVertexId: 1 }],
    references: [],
    runparameters: [],
    flowrunparameteroverrides: [],
  };
}

function recipe(id: number, name: string, steps: object[]) {
  return { id, name, description: null, active: true, nextPortId: 1, steps, dqScriptRules: [] };
}

function datasource(id: number, parsingScriptId: number, type: string, fullUri: string, path: string) {
  const storageLocation = { id, type, fullUri, path, size: 12, hash: 'x', bucket: 'numbers', host: null };
  return {
    id,
    parsingScriptId,
    type,
    path,
    bucket: 'numbers',
    isDynamic: false,
    storageLocation,
    runParameters: [],
  };
}

export type ForeignFlow = ReturnType<typeof foreignFlow>;

/** The whole document; `change` may spoil it. */
export function foreignDocument(flows: unknown = [foreignFlow()]) {
  return {
    type: 'flow',
    kind: 'artifact',
    metadata: {
      exportedAt: '2021-03-04T05:06:07.000Z',
      exportedBy: 9,
      uuid: 'c0ffee00-0000-4000-8000-000000000001',
      comment: '',
      primaryFlowIds: [31],
      trifactaVersion: '7.6.0+1',
      edition: 'Dataprep',
    },
    data: { artifacts: [], connections: [], flows },
    hash: 'whatever the original wrote here',
  };
}

/** A zip with these files. */
export async function zipOf(files: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(files)) zip.addBuffer(Buffer.from(content), name);
  zip.end();
  return buffer(zip.outputStream as never);
}

export const packageOf = (document: unknown, name = 'flow_numbers.json') =>
  zipOf({ [name]: typeof document === 'string' ? document : JSON.stringify(document) });

export function sendPackage(
  client: Client,
  content: Buffer,
  { dryRun = false, part = 'data' }: { readonly dryRun?: boolean; readonly part?: string } = {},
): Promise<RawAnswer> {
  const path = `/v4/flows/package${dryRun ? '/dryRun' : ''}`;
  return client.send('POST', path, {
    headers: formHeaders,
    body: writeForm({ fileName: 'flow.zip', content, part }),
  });
}
