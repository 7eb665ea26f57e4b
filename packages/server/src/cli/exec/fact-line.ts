// Pure: what a command tells of itself, as lines of JSON in the file that FLOWHOOK_FACTS names.

/** All that was told so far; a later line takes the place of an earlier one, name by name. */
export interface Told {
  readonly percentComplete: number | null;
  readonly errorMessage: string | null;
  readonly facts: Readonly<Record<string, unknown>>;
  /** Lines that could not be read, with their numbers and what is wrong. */
  readonly faults: readonly string[];
}

export const nothingTold: Told = { percentComplete: null, errorMessage: null, facts: {}, faults: [] };

/** Characters of all facts as JSON, as the API takes them, with room for those that exec adds. */
const maxFacts = 60_000;
const longestName = 100;
const longestMessage = 10_000;

/** Reads the whole file; a last line without its end is still being written and is left out unless `isWhole`. */
export function readTold(text: string, isWhole: boolean): Told {
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  return [...lines, ...(isWhole ? [last] : [])].reduce(addLine, nothingTold);
}

function addLine(told: Told, line: string, index: number): Told {
  if (line.trim() === '') return told;
  const value = parseObject(line);
  if (value === null) return addFault(told, index, 'is no JSON object');
  return Object.entries(value).reduce((sum, [name, each]) => addFact(sum, name, each, index), told);
}

function parseObject(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

function addFact(told: Told, name: string, value: unknown, index: number): Told {
  if (name === 'percentComplete') {
    if (typeof value === 'number' && value >= 0 && value <= 100) return { ...told, percentComplete: value };
    return addFault(told, index, 'percentComplete is no number from 0 to 100');
  }
  if (name === 'errorMessage') {
    if (typeof value === 'string')
      return { ...told, errorMessage: value.slice(0, longestMessage).toWellFormed() };
    return addFault(told, index, 'errorMessage is no text');
  }
  if (name === '' || name.length > longestName)
    return addFault(told, index, 'a name has 1 to 100 characters');
  const facts = { ...told.facts, [name]: value };
  if (JSON.stringify(facts).length > maxFacts)
    return addFault(told, index, `${name} does not fit: all facts have at most ${maxFacts} characters`);
  if (JSON.stringify([name, value]).includes(String.raw`\u0000`))
    return addFault(told, index, `${name} has a NUL`);
  return { ...told, facts };
}

function addFault(told: Told, index: number, fault: string): Told {
  return { ...told, faults: [...told.faults, `line ${index + 1}: ${fault}`] };
}
