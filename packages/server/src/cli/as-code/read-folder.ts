// Reads a folder of flows as code: one folder a flow, with its flow.yaml and .sql files. All of it is hostile input.
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describeIssues } from '@flowhook/contract/problem';
import { StartError } from '../../base/start-error.ts';
import type { CodeDocument } from './code-document.ts';
import { findFormFaults, toSpec } from './flow-file.ts';
import { flowForm, type FlowForm } from './flow-form.ts';
import { findUnknown } from './unknown-field.ts';
import { readYaml, writePath, type FieldPath, type FileFault } from './yaml-text.ts';

/** Bytes. A flow has at most 50 bodies of 1 MiB, and nobody writes such a one by hand. */
const largestYaml = 16 * 1024 * 1024;
const largestSql = 1024 * 1024;
const maxFolders = 2000;

export interface CodeFlow {
  /** The folder's name. */
  readonly folder: string;
  readonly spec: CodeDocument;
  /** As it stands in flow.yaml. */
  readonly form: FlowForm;
  /** A fault at a field of flow.yaml. */
  faultAt(path: FieldPath, detail: string): FileFault;
}

export interface ReadFolder {
  readonly flows: readonly CodeFlow[];
  readonly faults: readonly FileFault[];
}

/** Throws `StartError` where the folder itself can't be read. */
export function readFolder(root: string): ReadFolder {
  const flows: CodeFlow[] = [];
  const faults: FileFault[] = [];
  for (const folder of listFlowFolders(root, faults)) {
    const read = readFlowFolder(root, folder);
    if (Array.isArray(read)) faults.push(...read);
    else flows.push(read);
  }
  return { flows, faults: [...faults, ...refuseSameFlow(flows)] };
}

/** Folders that hold a flow.yaml; hidden ones and others are none of ours. */
function listFlowFolders(root: string, faults: FileFault[] = []): string[] {
  const entries = readRoot(root).filter(({ name }) => !name.startsWith('.'));
  const found = entries.flatMap((entry) => {
    if (entry.isSymbolicLink() && isFlowFolder(root, entry.name)) {
      faults.push(wholeFile(entry.name, 'is a link: folders of flows are not followed out of the folder.'));
      return [];
    }
    return entry.isDirectory() && isFlowFolder(root, entry.name) ? [entry.name] : [];
  });
  if (found.length > maxFolders) throw new StartError(`${root} holds more than ${maxFolders} flows.`);
  return found.toSorted();
}

function readRoot(root: string) {
  try {
    return readdirSync(root, { withFileTypes: true });
  } catch (error) {
    throw new StartError(`The folder can't be read: ${(error as Error).message}`);
  }
}

function isFlowFolder(root: string, name: string): boolean {
  try {
    return (
      lstatSync(join(root, name, 'flow.yaml')).isFile() ||
      lstatSync(join(root, name, 'flow.yaml')).isSymbolicLink()
    );
  } catch {
    return false;
  }
}

function wholeFile(file: string, detail: string): FileFault {
  return { file, line: null, column: null, field: null, detail };
}

function readFlowFolder(root: string, folder: string): CodeFlow | FileFault[] {
  const file = `${folder}/flow.yaml`;
  const text = readText(root, file, largestYaml);
  if (typeof text !== 'string') return [text];
  const yaml = readYaml(text, file);
  if (Array.isArray(yaml)) return yaml;
  const read = yaml;
  const faultAt = (path: FieldPath, detail: string): FileFault => ({
    file,
    ...read.locate(path),
    field: path.length === 0 ? null : writePath(path),
    detail,
  });
  const parsed = flowForm.safeParse(read.value);
  if (!parsed.success)
    return parsed.error.issues.flatMap((issue) => {
      const [{ field, detail } = { field: '', detail: issue.message }] = describeIssues({
        issues: [issue],
      } as never);
      const fault = faultAt(
        issue.path.filter((part) => typeof part !== 'symbol'),
        detail,
      );
      return [{ ...fault, field: field === '' ? fault.field : field }];
    });
  const form = parsed.data;
  const unknown = findUnknown(read.value, form).map((path) =>
    faultAt(path, `is no field that is known here.`),
  );
  const wrong = findFormFaults(form).map(({ path, detail }) => faultAt(path, detail));
  const texts = new Map<string, string>();
  const broken = form.recipes.flatMap(({ sql }, index) => {
    if (sql === undefined) return [];
    const content = readText(root, `${folder}/${sql}`, largestSql);
    if (typeof content !== 'string') return [faultAt(['recipes', index, 'sql'], `${sql} ${content.detail}`)];
    texts.set(sql, content);
    return content.trim() === ''
      ? [wholeFile(`${folder}/${sql}`, 'is empty: write a SELECT, or leave `sql` out.')]
      : [];
  });
  const faults = [...unknown, ...wrong, ...broken];
  if (faults.length > 0) return faults;
  return { folder, form, spec: toSpec(form, (name) => texts.get(name) ?? ''), faultAt };
}

/** A file's text; a link is never followed, so that nothing from outside of the folder is read. */
function readText(root: string, file: string, largest: number): string | FileFault {
  let handle: number;
  try {
    handle = openSync(join(root, file), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ELOOP') return wholeFile(file, 'is a link: links are not followed.');
    return wholeFile(file, code === 'ENOENT' ? 'is not there.' : `can't be read: ${message}`);
  }
  try {
    const { size } = fstatSync(handle);
    if (!fstatSync(handle).isFile()) return wholeFile(file, 'is no file.');
    if (size > largest) return wholeFile(file, `is larger than ${largest / 1024 / 1024} MiB.`);
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(handle));
  } catch (error) {
    return wholeFile(
      file,
      error instanceof TypeError ? 'is not UTF-8.' : `can't be read: ${(error as Error).message}`,
    );
  } finally {
    closeSync(handle);
  }
}

function refuseSameFlow(flows: readonly CodeFlow[]): FileFault[] {
  return flows.flatMap((flow, index) => {
    const first = flows.find(({ spec }) => spec.name === flow.spec.name)!;
    if (flows.indexOf(first) === index) return [];
    return [
      flow.faultAt(
        ['flow'],
        `${JSON.stringify(flow.spec.name)} is the flow of ${first.folder}/flow.yaml, too.`,
      ),
    ];
  });
}
