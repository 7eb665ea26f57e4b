// A flow as the server has it: its document, the version that it is, and which datasets it holds.
import { flowDocumentEndpoints as documents, type FlowDocument } from '@flowhook/contract/flow/flow-document';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { foldName } from '@flowhook/contract/flow/name';
import type { Caller } from '../caller.ts';
import { readVersion } from '../version.ts';

export interface RemoteFlow {
  readonly id: number;
  readonly document: FlowDocument;
  /** Its ETag. */
  readonly version: string;
  /** Ids by folded name. */
  readonly datasets: ReadonlyMap<string, number>;
}

/** Throws a Problem, also where two things have one name: code knows them by their names. */
export async function readRemoteFlow({ call }: Caller, id: number): Promise<RemoteFlow> {
  const params = { id };
  let version = '';
  const onHeaders = (headers: Headers) => void (version = readVersion(headers) ?? '');
  const document = await call(documents.get, { params }, { onHeaders });
  const { data: nodes } = await call(flows.flowNodes, { params });
  const datasets = nodes.flatMap(({ name, importedDataset }): [string, number][] =>
    importedDataset === null ? [] : [[foldName(name), importedDataset.id]],
  );
  return { id, document, version, datasets: new Map(datasets) };
}
