// Outputs of a packed flow: what can't be written here is changed or dropped, with the reason.
import { execution } from '@flowhook/contract/flow/output-object';
import { writeCompressions, writeFormats } from '@flowhook/contract/flow/write-setting';
import { invalidField, Problem } from '../base/error.ts';
import { findPlaceholder } from '../flows/placeholder.ts';
import { createPlaceIndex, type OwnedPlace, type PlaceIndex } from '../flows/places/place-index.ts';
import { toPlace } from '../flows/places/place-rule.ts';
import { choosePlannedPath, settleWriteSetting, type WriteRule } from '../flows/write-setting-rule.ts';
import type { Key, OutputPart } from './flow-content.ts';
import type { ImportReport } from './import-report.ts';
import type { PackedFlow, PackedSetting } from './package-shape.ts';
import { indexOnce } from './read-graph.ts';

export function readPackedOutputs(
  flow: PackedFlow,
  { recipes, nodes }: { readonly recipes: ReadonlySet<Key>; readonly nodes: ReadonlySet<Key> },
  path: string,
  report: ImportReport,
): OutputPart[] {
  indexOnce(flow.outputobjects, `${path}.outputobjects`);
  const taken = new Set<string>();
  const placed = createPlaceIndex<OwnedPlace>();
  return flow.outputobjects.flatMap((output, index) => {
    const { flowNodeId, isAdhoc, profiler, writesettings } = output;
    const at = `${path}.outputobjects[${index}]`;
    const place = `${flowNodeId} ${isAdhoc !== false}`;
    const drop = (reason: string) => {
      report.dropped.push({ kind: 'outputobjects', path: at, name: null, reason });
      return [];
    };
    if (!nodes.has(flowNodeId))
      throw invalidField(`${at}.flowNodeId`, `names no flow node: there is none with id ${flowNodeId}.`);
    if (!recipes.has(flowNodeId)) return drop('It is the output of a dataset: only recipes write here.');
    if (taken.has(place))
      return drop('The recipe has another output of this kind: one is all that it may have.');
    taken.add(place);
    const settings = readSettings(writesettings, { at, placed, report });
    const flags = { isAdhoc: isAdhoc !== false, profiler: profiler !== false };
    return [{ recipe: flowNodeId, ...flags, execution: readExecution(output), settings }];
  });
}

/** Words that later versions of the original know run here like all others. */
function readExecution({ execution: given }: PackedFlow['outputobjects'][number]): OutputPart['execution'] {
  const read = execution.safeParse(given);
  return read.success ? read.data : 'photon';
}

const maxSettings = 20;
const allOf = new Intl.ListFormat('en-GB', { type: 'conjunction' });

interface SettingRoom {
  /** Where the output stands in the package. */
  readonly at: string;
  /** What the outputs before it write, as far as that is known now. */
  readonly placed: PlaceIndex<OwnedPlace>;
  readonly report: ImportReport;
}

function readSettings(given: readonly PackedSetting[], { at, placed, report }: SettingRoom): WriteRule[] {
  const places = new Set<string>();
  const rules: WriteRule[] = [];
  for (const [index, setting] of given.entries()) {
    const path = `${at}.writesettings[${index}]`;
    const rule = readSetting(setting, path, report);
    const reason =
      typeof rule === 'string'
        ? rule
        : places.has(choosePlannedPath(rule))
          ? `Another write setting of the output writes to ${rule.path}.`
          : rules.length >= maxSettings
            ? `An output has at most ${maxSettings} write settings.`
            : findNested(rule, placed);
    if (reason !== null)
      report.dropped.push({ kind: 'writesettings', path, name: setting.path.slice(0, 200), reason });
    else if (typeof rule !== 'string') {
      places.add(choosePlannedPath(rule));
      rules.push(rule);
    }
  }
  return rules;
}

/** All places of the package's flow are of one owner, which has no number yet. */
const flowId = 0;

/** Why the place of a rule can't stand beside those before it; else it is one of them, and the answer is null. */
function findNested(rule: WriteRule, placed: PlaceIndex<OwnedPlace>): string | null {
  const path = choosePlannedPath(rule);
  if (findPlaceholder(path) !== -1) return null;
  const place = { ...toPlace(path, rule.action), flowId };
  if (placed.findRival(place) !== undefined)
    return `${path} and the place of another output lie one within the other: a file and a folder can't have one name.`;
  placed.add(place);
  return null;
}

/** The rule, or why there is none. */
function readSetting(setting: PackedSetting, at: string, report: ImportReport): WriteRule | string {
  const change = (member: string, from: string, to: string, reason: string) =>
    report.changes.push({ path: `${at}.${member}`, from, to, reason });
  const { action } = setting;
  const format = writeFormats.find((known) => known === setting.format);
  if (format === undefined)
    return `The format ${setting.format} is not written here; ${allOf.format(writeFormats)} are.`;
  if (action !== 'create' && action !== 'overwrite' && action !== 'append')
    return `The action ${action} is not known; create, overwrite and append are.`;
  const path = toOwnPath(setting.path, setting.suffix ?? '');
  if (path !== setting.path)
    change('path', setting.path, path, 'Outputs are written below the outputs folder of this server.');
  const wanted = setting.compression ?? 'none';
  const zstd = wanted === 'zstd';
  const compression = zstd ? 'none' : (writeCompressions.find((known) => known === wanted) ?? 'none');
  if (!zstd && compression !== wanted)
    change('compression', wanted, compression, 'This compression is not written here.');
  const { header, asSingleFile, delim, hasQuotes, nullText } = setting;
  const flags = {
    header: header !== false,
    asSingleFile: asSingleFile !== false,
    hasQuotes: hasQuotes === true,
    nullText: nullText ?? '',
  };
  return settle({ path, action, format, compression, zstd, delim: delim || ',', ...flags });
}

function settle(setting: Parameters<typeof settleWriteSetting>[0]): WriteRule | string {
  if (setting.delim.length !== 1) return 'The delimiter must be one character.';
  try {
    return settleWriteSetting(setting);
  } catch (error) {
    if (error instanceof Problem) return error.message;
    throw error;
  }
}

/** Without scheme, host, bucket or leading slash, and without parts that no path here may have. */
function toOwnPath(given: string, suffix: string): string {
  const whole = suffix === '' || given.endsWith(suffix) ? given : `${given}${suffix}`;
  const parts = whole
    .replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/iu, '')
    .replaceAll('\\', '/')
    .split('/')
    .map((part) => part.replaceAll(/\p{Cc}/gu, '').trim())
    .filter((part) => part !== '' && part !== '.' && part !== '..');
  return parts
    .join('/')
    .replace(/^~/u, '')
    .replace(/^[a-z]:/iu, '');
}
