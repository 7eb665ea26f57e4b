// Pure: reads Thrift's compact protocol, in which Parquet writes its headers; nothing is believed, every length is held against what is there.

/** The bytes end before the value does: more of the file may hold it. */
export class Truncated extends Error {}
/** What stands there is no such value. */
export class Malformed extends Error {}

/** What Parquet has of its own is five levels deep. */
const deepest = 32;

/** The wire's types. */
const kind = {
  stop: 0,
  true: 1,
  false: 2,
  byte: 3,
  i16: 4,
  i32: 5,
  i64: 6,
  double: 7,
  binary: 8,
  list: 9,
  set: 10,
  map: 11,
  struct: 12,
} as const;

/** Reads a field's value and gives true, or leaves it (untouched) and gives false or nothing. */
export type FieldReader = (id: number, type: number) => boolean | void;

/** A place in a buffer, moved on by each read. */
export class ThriftReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #depth = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Bytes read so far. */
  get at(): number {
    return this.#at;
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new Truncated();
    this.#at += 1;
    return byte;
  }

  #varint(): number {
    let value = 0;
    for (let shift = 1; shift <= 2 ** 49; shift *= 128) {
      const byte = this.#byte();
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) return value;
    }
    throw new Malformed('a number is too large');
  }

  #skipVarint(): void {
    for (let count = 0; count < 10; count += 1) if (this.#byte() < 0x80) return;
    throw new Malformed('a number has no end');
  }

  /** A whole number: zigzag, of at most 55 bits, more than any place or count in a file has. */
  #int(): number {
    const value = this.#varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** Null, and nothing read, where the field has another type: the engine passes over it then, and so must who judges. */
  i32(type: number): number | null {
    if (type !== kind.i32) return null;
    const value = this.#int();
    // The engine would cut off what is beyond, and see another number.
    if (value > 0x7fff_ffff || value < -0x8000_0000) throw new Malformed('a number is too large');
    return value;
  }

  i64(type: number): number | null {
    return type === kind.i64 ? this.#int() : null;
  }

  #skipBytes(count: number): void {
    if (this.#at + count > this.#bytes.length) throw new Truncated();
    this.#at += count;
  }

  /** A list's head: how many elements follow, and of which type. */
  listHead(): { count: number; type: number } {
    const head = this.#byte();
    const count = head >> 4 === 15 ? this.#varint() : head >> 4;
    // Every element takes a byte at least, so that no count makes us loop for nothing.
    if (count > this.#bytes.length - this.#at) throw new Truncated();
    return { count, type: head & 15 };
  }

  /** Reads a struct, field by field; what `read` leaves is passed over. */
  struct(read: FieldReader): void {
    this.#depth += 1;
    if (this.#depth > deepest) throw new Malformed('it is nested too deeply');
    let id = 0;
    for (;;) {
      const head = this.#byte();
      const type = head & 15;
      if (type === kind.stop) break;
      const next = head >> 4 === 0 ? this.#int() : id + (head >> 4);
      // Of a field that stands twice the engine would mix both.
      if (next <= id || next > 0x7fff) throw new Malformed('a field stands twice or out of order');
      id = next;
      if (read(id, type) !== true) this.skip(type);
    }
    this.#depth -= 1;
  }

  /** Reads a list of structs. */
  structs(type: number, read: () => void): void {
    if (type !== kind.list) throw new Malformed('a list is none');
    const { count, type: element } = this.listHead();
    if (element !== kind.struct && count > 0) throw new Malformed('a list holds other things');
    for (let index = 0; index < count; index += 1) read();
  }

  /** Passes over a value of a field. */
  skip(type: number): void {
    switch (type) {
      case kind.true:
      case kind.false:
        return;
      case kind.byte:
        return this.#skipBytes(1);
      case kind.i16:
      case kind.i32:
      case kind.i64:
        return this.#skipVarint();
      case kind.double:
        return this.#skipBytes(8);
      case kind.binary:
        return this.#skipBytes(this.#varint());
      case kind.list:
      case kind.set:
        return this.#skipList();
      case kind.map:
        return this.#skipMap();
      case kind.struct:
        return this.struct(() => false);
      default:
        throw new Malformed('a field has an unknown type');
    }
  }

  /** Within lists and maps a truth is a byte. */
  #skipElement(type: number): void {
    if (type === kind.true || type === kind.false) this.#skipBytes(1);
    else this.skip(type);
  }

  #skipList(): void {
    const { count, type } = this.listHead();
    this.#depth += 1;
    if (this.#depth > deepest) throw new Malformed('it is nested too deeply');
    for (let index = 0; index < count; index += 1) this.#skipElement(type);
    this.#depth -= 1;
  }

  #skipMap(): void {
    const count = this.#varint();
    if (count === 0) return;
    if (count > this.#bytes.length - this.#at) throw new Truncated();
    const types = this.#byte();
    this.#depth += 1;
    if (this.#depth > deepest) throw new Malformed('it is nested too deeply');
    for (let index = 0; index < count; index += 1) {
      this.#skipElement(types >> 4);
      this.#skipElement(types & 15);
    }
    this.#depth -= 1;
  }
}

export const isStruct = (type: number): boolean => type === kind.struct;
/** A truth as a field: its value is its type. */
export const readTruth = (type: number): boolean | null =>
  type === kind.true ? true : type === kind.false ? false : null;
