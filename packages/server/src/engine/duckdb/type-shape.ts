// Pure: a type by its parts, as DuckDB writes it: lists, structs and maps of others.

export type TypeShape =
  | { readonly kind: 'plain'; readonly type: string }
  | { readonly kind: 'list'; readonly of: TypeShape }
  | { readonly kind: 'struct'; readonly members: readonly (readonly [string, TypeShape])[] }
  | { readonly kind: 'map'; readonly key: TypeShape; readonly value: TypeShape };

export function readShape(text: string): TypeShape {
  const type = text.trim();
  const list = /^([\s\S]*)\[\d*\]$/u.exec(type);
  if (list !== null) return { kind: 'list', of: readShape(list[1]!) };
  const [, name, inside] = /^(STRUCT|MAP)\(([\s\S]*)\)$/u.exec(type) ?? [];
  if (name === undefined || inside === undefined) return { kind: 'plain', type };
  const parts = splitParts(inside);
  if (name === 'MAP') return { kind: 'map', key: readShape(parts[0]!), value: readShape(parts[1] ?? '') };
  return { kind: 'struct', members: parts.map(readMember) };
}

/** At commas that stand in no brackets and no quotes. */
function splitParts(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = '';
  for (const [token] of text.matchAll(/"(?:[^"]|"")*"|'(?:[^']|'')*'|[\s\S]/gu)) {
    if (token === '(' || token === '[') depth += 1;
    if (token === ')' || token === ']') depth -= 1;
    if (token === ',' && depth === 0) {
      parts.push(part);
      part = '';
    } else part += token;
  }
  return [...parts, part];
}

function readMember(text: string): readonly [string, TypeShape] {
  const [, quoted, bare, rest] = /^\s*(?:"((?:[^"]|"")*)"|(\S+))\s+([\s\S]*)$/u.exec(text) ?? [];
  return [(quoted ?? bare ?? '').replaceAll('""', '"'), readShape(rest ?? '')];
}

export const isNested = (shape: TypeShape): boolean => shape.kind !== 'plain';

/** Whether a part of it is of a type that fits. */
export function holdsType(shape: TypeShape, fits: (type: string) => boolean): boolean {
  if (shape.kind === 'plain') return fits(shape.type);
  if (shape.kind === 'list') return holdsType(shape.of, fits);
  if (shape.kind === 'map') return holdsType(shape.key, fits) || holdsType(shape.value, fits);
  return shape.members.some(([, member]) => holdsType(member, fits));
}
