// The rule of the source tree that SQLite and PostgreSQL are told apart in db/ alone.
import { lineOf, type SourceFile } from './source-scan.ts';

const home = 'packages/server/src/db/';
/** The dialect as somebody's type: as a parameter, as a member that is handed around. */
const typed = /\b\w+\??:\s*([^,;)=\n]+)/gu;
const dialectType = /\bDialect\b|\['dialect'\]|'(?:sqlite|postgres)'/u;
const lockText = /\bfor\s+(?:no\s+key\s+update|update|(?:key\s+)?share)\b|\bskip\s+locked\b/giu;
const builtLock = /\.(?:forUpdate|forNoKeyUpdate|forShare|forKeyShare|skipLocked)\s*\(/gu;

export function checkDialect(file: SourceFile): string[] {
  const { path, text, bare } = file;
  if (path.startsWith(home) || !path.startsWith('packages/server/src/')) return [];
  const handed = [...bare.matchAll(typed)]
    .filter(({ 0: whole, index }) => dialectType.test(text.slice(index, index + whole.length)))
    .map(
      ({ index }) =>
        `${path}:${lineOf(bare, index)}: hands the dialect around: every Read and Tx carries it, and its words`,
    );
  const locks = [
    ...[...text.matchAll(lockText)].filter((found) => isCode(file, found.index)),
    ...bare.matchAll(builtLock),
  ].map(
    ({ 0: words, index }) =>
      `${path}:${lineOf(text, index)}: writes the lock ${words.trim()} by hand, which SQLite has not: take it from the transaction, as tx.forUpdate`,
  );
  return [...handed, ...locks];
}

/** Not in a comment. */
function isCode({ text }: SourceFile, index: number): boolean {
  const before = text.slice(text.lastIndexOf('\n', index) + 1, index);
  return !/^\s*(?:\/\*|\*)|(?:^|\s)\/\/ /u.test(before);
}
