// Public programs written for the original's API, replayed byte for byte: what each sends, and what it reads of the answer.
// apache/airflow: providers/google/cloud/hooks/dataprep.py (python-requests). The trifacta package for Python:
// WrangleFlow, which writes /v4/jobgroups. victorcouste/google-cloudfunctions-dataprep: a run on a new file, and a result
// that is published to a sheet. A shell
// script that runs curl with Basic sign-in against port 3005.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { after, before, it } from 'node:test';
import { describeOnBoth } from '../../test/database.ts';
import { startServer, testPassword, type TestServer } from '../../test/server.ts';
import { uploadDataset } from '../../test/upload-form.ts';
import { until } from '../../test/wait.ts';

interface Answer {
  readonly status: number;
  readonly json: unknown;
}

/** Sends the bytes as they are and reads one answer. */
function replay(url: string, request: string): Promise<Answer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) }, () => socket.write(request));
    let received = Buffer.alloc(0);
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      const end = received.indexOf('\r\n\r\n');
      if (end === -1) return;
      const head = received.subarray(0, end).toString();
      const body = readBody(head, received.subarray(end + 4));
      if (body === null) return;
      socket.destroy();
      const status = Number(/^HTTP\/1\.1 (\d+)/u.exec(head)![1]);
      resolve({ status, json: body.length === 0 ? null : (JSON.parse(String(body)) as unknown) });
    });
  });
}

/** As python-requests reads it: in chunks, and compressed where the program said that it takes that. Null until it is whole. */
function readBody(head: string, received: Buffer): Buffer | null {
  const unpack = (body: Buffer) => (/\r\ncontent-encoding: gzip/iu.test(head) ? gunzipSync(body) : body);
  if (!/\r\ntransfer-encoding: chunked/iu.test(head)) {
    const length = Number(/\r\ncontent-length: (\d+)/iu.exec(head)?.[1] ?? 0);
    return received.length < length ? null : unpack(received);
  }
  const chunks: Buffer[] = [];
  for (let at = 0; ;) {
    const lineEnd = received.indexOf('\r\n', at);
    if (lineEnd === -1) return null;
    const size = Number.parseInt(received.subarray(at, lineEnd).toString(), 16);
    if (received.length < lineEnd + 4 + size) return null;
    if (size === 0) return unpack(Buffer.concat(chunks));
    chunks.push(received.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 4 + size;
  }
}

describeOnBoth('public programs of the original API', (_, dialect) => {
  let server: TestServer;
  before(async () => {
    server = await startServer(dialect);
  });
  after(() => server.stop());

  /** As python-requests writes it, with the two headers of the hook. */
  const airflow = (method: string, path: string, body?: object) => {
    // json.dumps puts a space behind commas and colons.
    const text = body === undefined ? '' : pythonJson(body);
    const length = method === 'GET' ? [] : [`Content-Length: ${Buffer.byteLength(text)}`];
    const lines = [
      `${method} ${path} HTTP/1.1`,
      `Host: ${new URL(server.url).host}`,
      'User-Agent: python-requests/2.31.0',
      'Accept-Encoding: gzip, deflate',
      'Accept: */*',
      'Connection: keep-alive',
      'Content-Type: application/json',
      `Authorization: Bearer ${server.author.token}`,
      ...length,
    ];
    return replay(server.url, `${lines.join('\r\n')}\r\n\r\n${text}`);
  };
  const idOf = ({ json }: Answer) => (json as { id: number }).id;
  const makeDataset = async () =>
    (await uploadDataset(server.author, { fileName: 'in.csv', content: 'a,b\n1,2\n' })).id;

  it("run Airflow's hook from flow to job, and away again", async () => {
    const made = await airflow('POST', '/v4/flows', { name: 'From Airflow', description: 'd' });
    assert.equal(made.status, 201);
    const flowId = idOf(made);
    const wrangled = await airflow('POST', '/v4/wrangledDatasets', {
      importedDataset: { id: await makeDataset() },
      flow: { id: flowId },
      name: 'A recipe',
    });
    assert.equal(wrangled.status, 201);
    const output = await airflow('POST', '/v4/outputObjects', {
      execution: 'photon',
      profiler: false,
      flowNodeId: idOf(wrangled),
    });
    assert.equal(output.status, 201);
    const setting = await airflow('POST', '/v4/writeSettings', {
      path: 'airflow/out.csv',
      action: 'create',
      format: 'csv',
      outputObjectId: idOf(output),
    });
    assert.equal(setting.status, 201);
    const copy = await airflow('POST', `/v4/flows/${flowId}/copy`, {
      name: '',
      description: '',
      copyDatasources: false,
    });
    assert.equal(copy.status, 201);
    const run = await airflow('POST', `/v4/flows/${idOf(copy)}/run`, {});
    assert.equal(run.status, 201);
    const jobId = (run.json as { data: { id: number }[] }).data[0]!.id;
    await until(async () => (await airflow('GET', `/v4/jobGroups/${jobId}/status`)).json === 'Complete');
    const group = await airflow('GET', `/v4/jobGroups/${jobId}?embed=&includeDeleted=False`);
    assert.equal(idOf(group), jobId);
    const { data } = (await airflow('GET', `/v4/jobGroups/${jobId}/jobs`)).json as {
      data: { status: string }[];
    };
    assert.ok(data.every(({ status }) => status === 'Complete'));
    const started = await airflow('POST', '/v4/jobGroups', {
      wrangledDataset: { id: idOf(wrangled) },
      overrides: {
        execution: 'photon',
        profiler: false,
        writesettings: [
          {
            path: 'airflow/again.csv',
            action: 'create',
            format: 'csv',
            compression: 'none',
            header: false,
            asSingleFile: false,
          },
        ],
      },
    });
    assert.equal(started.status, 201);
    assert.ok((started.json as { jobs: { data: { id: number }[] } }).jobs.data[0]!.id > 0);
    for (const id of [flowId, idOf(copy)])
      assert.equal((await airflow('DELETE', `/v4/flows/${id}`)).status, 204);
    assert.equal((await airflow('GET', `/v4/jobGroups/999999/status`)).status, 404);
  });

  it('run the trifacta package for Python, which writes jobgroups in small letters', async () => {
    const flowId = idOf(await airflow('POST', '/v4/flows', { name: 'WrangleFlow' }));
    const recipe = idOf(
      await airflow('POST', '/v4/wrangledDatasets', {
        name: 'r',
        importedDataset: { id: await makeDataset() },
        flow: { id: flowId },
      }),
    );
    const before = await airflow('GET', `/v4/wrangledDatasets/${recipe}?embed=outputObjects`);
    const outputsOf = ({ json }: Answer) =>
      (json as { outputObjects: { data: { id: number }[] } }).outputObjects.data;
    assert.deepEqual(outputsOf(before), []);
    const output = idOf(
      await airflow('POST', '/v4/outputObjects', {
        execution: 'photon',
        profiler: true,
        isAdhoc: true,
        flowNodeId: recipe,
      }),
    );
    const after = await airflow('GET', `/v4/wrangledDatasets/${recipe}?embed=outputObjects`);
    assert.deepEqual(
      outputsOf(after).map(({ id }) => id),
      [output],
    );
    const job = idOf(await airflow('POST', '/v4/jobGroups', { wrangledDataset: { id: recipe } }));
    await until(async () => (await airflow('GET', `/v4/jobgroups/${job}/status`)).json === 'Complete');
    assert.equal((await airflow('GET', `/v4/jobgroups/${job}/profile`)).status, 200);
    assert.equal((await airflow('DELETE', `/v4/flows/${flowId}`)).status, 204);
  });

  it('find what a job wrote as the function that publishes it to a sheet does, and say why there is no PDF', async () => {
    const flowId = idOf(await airflow('POST', '/v4/flows', { name: 'Sheets' }));
    const recipe = idOf(
      await airflow('POST', '/v4/wrangledDatasets', {
        name: 'r',
        importedDataset: { id: await makeDataset() },
        flow: { id: flowId },
      }),
    );
    // As Dataprep's own clients write it.
    const output = await airflow('POST', '/v4/outputObjects', {
      execution: 'dataflow',
      profiler: true,
      isAdhoc: true,
      flowNodeId: recipe,
      writeSettings: [{ path: 'sheets/Sales_Data_small.csv', action: 'overwrite', format: 'csv' }],
    });
    const { execution, engine } = output.json as { execution: string; engine: string };
    assert.deepEqual([output.status, execution, engine], [201, 'dataflow', 'duckdb']);
    const body = { wrangledDataset: { id: recipe }, overrides: { execution: 'dataflow', profiler: false } };
    const job = idOf(await airflow('POST', '/v4/jobGroups', body));
    const read = () => airflow('GET', `/v4/jobGroups/${job}?embed=jobs.fileWriterJob.writeSetting`);
    interface Embedded {
      readonly jobs: {
        readonly data: { readonly jobType: string; readonly writeSetting?: { readonly path: string } }[];
      };
    }
    const uriOf = ({ json }: Answer) => {
      const steps = (json as Embedded).jobs.data.filter(({ jobType }) => jobType === 'filewriter');
      return steps.map(({ writeSetting }) => writeSetting?.path);
    };
    assert.deepEqual(uriOf(await read()), ['sheets/Sales_Data_small.csv']);
    await until(async () => (await airflow('GET', `/v4/jobGroups/${job}/status`)).json === 'Complete');
    assert.deepEqual(uriOf(await read()), ['sheets/Sales_Data_small.csv']);
    const pdf = await airflow('GET', `/v4/jobGroups/${job}/pdfResults`);
    const { exception, detail } = pdf.json as { exception: { name: string }; detail: string };
    assert.deepEqual([pdf.status, exception.name], [404, 'RouteNotFoundException']);
    assert.match(detail, new RegExp(`not written as PDF here: GET /v4/jobGroups/${job}/profile`, 'u'));
    const spark = await airflow('POST', '/v4/outputObjects', {
      execution: 'spark',
      flowNodeId: recipe,
      isAdhoc: false,
    });
    assert.equal(spark.status, 400);
    assert.match((spark.json as { detail: string }).detail, /photon, dataflow or databricksSpark/u);
  });

  it('run a job on a new file as the cloud function does, and with curl and Basic sign-in', async () => {
    const flowId = idOf(await airflow('POST', '/v4/flows', { name: 'Functions' }));
    const recipe = idOf(
      await airflow('POST', '/v4/wrangledDatasets', {
        name: 'r',
        importedDataset: { id: await makeDataset() },
        flow: { id: flowId },
      }),
    );
    assert.equal((await airflow('POST', '/v4/outputObjects', { flowNodeId: recipe })).status, 201);
    const run = await airflow('POST', '/v4/jobGroups', {
      wrangledDataset: { id: recipe },
      runParameters: { overrides: { data: [{ key: 'FileName', value: 'new.csv' }] } },
    });
    assert.deepEqual([run.status, (run.json as { reason: string }).reason], [201, 'JobStarted']);
    const basic = Buffer.from(`${server.author.email}:${testPassword}`).toString('base64');
    const body = `{  "wrangledDataset": {"id": ${recipe} }, "overrides": {"writesettings": [{"path":"data/outputs/customer_output_1.csv", "action": "create","format": "csv"} ]},"runParameters": {"overrides": {"data": [{"key": "filename","value": "customer_1.csv"}]} }}`;
    const curl = [
      'POST /v4/jobGroups HTTP/1.1',
      `Host: ${new URL(server.url).host}`,
      `Authorization: Basic ${basic}`,
      'User-Agent: curl/7.68.0',
      'Accept: */*',
      'Content-type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
    ];
    const answer = await replay(server.url, `${curl.join('\r\n')}\r\n\r\n${body}`);
    assert.equal(answer.status, 201);
    await until(
      async () => (await airflow('GET', `/v4/jobGroups/${idOf(answer)}/status`)).json === 'Complete',
    );
  });
});

function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([name, each]) => `${JSON.stringify(name)}: ${pythonJson(each)}`)
    .join(', ')}}`;
}
