// Pure: which type holds all values that stand in one place of many JSON objects, and holds them exactly.
import { foldName } from '@flowhook/contract/flow/name';
import { LongNumber, noNumber } from './json-value.ts';
import { ColumnType, kindOfText, type TypeRules } from './value-type.ts';

const rules: TypeRules = { nullValues: new Set(), decimal: '.', thousands: '' };
/** Beyond these an object is kept as JSON: every key would be a part of the type. */
const maxKeys = 1000;
const maxDepth = 20;
/** Keys that most objects lack are values in the place of keys. */
const fewKeys = 200;

type TextKind = ReturnType<typeof kindOfText>;

export class JsonType {
  /** By key, in the order in which they came. */
  readonly members = new Map<string, JsonType>();
  readonly #numbers = new ColumnType(rules);
  readonly #texts = new Map<TextKind, number>();
  #element: JsonType | null = null;
  #counts = { boolean: 0, number: 0, text: 0, list: 0, object: 0 };
  #keysSeen = 0;
  #isSpecial = false;
  readonly #depth: number;

  constructor(depth = 0) {
    this.#depth = depth;
  }

  see(value: unknown): void {
    if (value === null || value === undefined) return;
    if (typeof value === 'boolean') this.#counts.boolean += 1;
    else if (typeof value === 'number') this.#seeNumber(String(value));
    else if (value instanceof LongNumber) this.#seeNumber(value.text);
    else if (value === noNumber) this.#seeSpecial();
    else if (typeof value === 'string') this.#seeText(value);
    else if (Array.isArray(value)) this.#seeList(value);
    else this.#seeObject(value as Record<string, unknown>);
  }

  get isObject(): boolean {
    return this.#counts.object > 0 && this.#total === this.#counts.object;
  }

  get #total(): number {
    const { boolean, number, text, list, object } = this.#counts;
    return boolean + number + text + list + object;
  }

  #seeNumber(text: string): void {
    this.#counts.number += 1;
    this.#numbers.see(text);
  }

  #seeSpecial(): void {
    this.#counts.number += 1;
    this.#isSpecial = true;
  }

  #seeText(value: string): void {
    this.#counts.text += 1;
    const kind = kindOfText(value);
    this.#texts.set(kind, (this.#texts.get(kind) ?? 0) + 1);
  }

  #seeList(values: readonly unknown[]): void {
    this.#counts.list += 1;
    if (this.#depth >= maxDepth) return;
    this.#element ??= new JsonType(this.#depth + 1);
    for (const value of values) this.#element.see(value);
  }

  #seeObject(object: Record<string, unknown>): void {
    this.#counts.object += 1;
    if (this.#depth >= maxDepth) return;
    for (const [key, value] of Object.entries(object)) {
      this.#keysSeen += 1;
      let member = this.members.get(key);
      if (member === undefined) {
        // The rows' own keys are columns, however many there are.
        if (this.members.size > maxKeys && this.#depth > 0) continue;
        member = new JsonType(this.#depth + 1);
        this.members.set(key, member);
      }
      member.see(value);
    }
  }

  find(): string {
    const { boolean, number, text, list, object } = this.#counts;
    const total = this.#total;
    if (total === 0) return 'JSON';
    if (object === total) return this.#findStruct();
    if (list === total) return this.#findList();
    if (object + list > 0) return 'JSON';
    if (boolean === total) return 'BOOLEAN';
    if (number === total) return this.#findNumber();
    return text === total ? this.#findText() : 'VARCHAR';
  }

  #findNumber(): string {
    const { type } = this.#numbers.find();
    if (!this.#isSpecial) return type;
    return type === 'BIGINT' || type === 'DOUBLE' || this.#numbers.isEmpty ? 'DOUBLE' : 'VARCHAR';
  }

  #findText(): string {
    const kinds = [...this.#texts.keys()];
    if (kinds.includes('text')) return 'VARCHAR';
    if (kinds.length === 1)
      return { date: 'DATE', timestamp: 'TIMESTAMP', instant: 'TIMESTAMPTZ' }[kinds[0] as 'date'];
    return kinds.includes('instant') ? 'VARCHAR' : 'TIMESTAMP';
  }

  #findList(): string {
    if (this.#depth >= maxDepth) return 'JSON';
    return `${this.#element?.find() ?? 'JSON'}[]`;
  }

  #findStruct(): string {
    const keys = [...this.members.keys()];
    const isMap = keys.length > fewKeys && this.#keysSeen < keys.length * this.#counts.object * 0.1;
    const folded = new Set(keys.map(foldName));
    const isOdd = folded.size < keys.length || keys.some((key) => key === '' || key.includes('\0'));
    if (keys.length === 0 || keys.length > maxKeys || isMap || isOdd || this.#depth >= maxDepth)
      return 'JSON';
    const parts = [...this.members].map(([key, member]) => `"${key.replaceAll('"', '""')}" ${member.find()}`);
    return `STRUCT(${parts.join(', ')})`;
  }
}
