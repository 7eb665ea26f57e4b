// Pure: the versions that `If-Match` names, compared strongly (RFC 9110, 13.1.1).
import { invalidField } from '../base/error.ts';

const one = String.raw`(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"`;
const list = new RegExp(String.raw`^${one}(?:[ \t]*,[ \t]*${one})*$`, 'u');
const each = new RegExp(one, 'gu');

/** True where one of the versions is this one, or it is `*`. A weak one (`W/`) is never the same. Throws where it is neither. */
export function matchesVersion(ifMatch: string, version: string): boolean {
  const text = ifMatch.trim();
  if (text === '*') return true;
  if (!list.test(text)) throw invalidField('If-Match', 'must be ETags in double quotes, or *.');
  return [...text.matchAll(each)].some(([tag]) => tag === version);
}
