// Quoting, places and statements: what holds for every text.
import { foldName } from '@flowhook/contract/flow/name';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import * as fc from 'fast-check';
import { placeAt, toPosition } from './recipe/place.ts';
import { isTypeText, quoteName, quoteText } from './quote.ts';
import { listStatements } from './recipe/statement.ts';

const anyText = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'));

void describe('SQL text', () => {
  void it('quotes every name and text so that DuckDB reads it back', async () => {
    const connection = await (await DuckDBInstance.create()).connect();
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        const name = `x${text}`;
        const reader = await connection.runAndReadAll(`SELECT ${quoteText(text)} AS ${quoteName(name)}`);
        assert.deepEqual(reader.columnNames(), [name]);
        assert.deepEqual(reader.getRows(), [[text]]);
      }),
    );
  });

  void it('compares names as DuckDB does: without letter case, ASCII alone', () => {
    assert.equal(foldName('Orders.CSV'), 'orders.csv');
    assert.notEqual(foldName('É'), foldName('é'));
  });

  void it('takes two names for one where DuckDB does, for every letter that has a case', async () => {
    const connection = await (await DuckDBInstance.create()).connect();
    const isOne = (one: string, other: string) =>
      connection.run(`SELECT ${quoteName(other)} FROM (SELECT 1 AS ${quoteName(one)})`).then(
        () => true,
        () => false,
      );
    const letter = fc.integer({ min: 0x41, max: 0x24f }).map((code) => String.fromCodePoint(code));
    await fc.assert(
      fc.asyncProperty(letter, fc.constantFrom('toLowerCase', 'toUpperCase'), async (one, change) => {
        const other = one[change]();
        assert.equal(await isOne(`x${one}`, `x${other}`), foldName(one) === foldName(other), one);
      }),
      { numRuns: 300 },
    );
  });

  void it('turns bytes into places that editors know', () => {
    const sql = "SELECT '😀é',\n  nope FROM t";
    const bytes = Buffer.from(sql).indexOf('nope');
    const position = toPosition(sql, bytes);
    assert.equal(sql.slice(position, position + 4), 'nope');
    assert.deepEqual(placeAt(sql, position), { line: 2, column: 3, position, length: 4 });
    assert.equal(placeAt('SELECT "a b" FROM t', 7).length, 5);
    assert.equal(placeAt('SELECT', 6).length, 0);
  });

  void it('finds every byte offset of a text at its own place', () => {
    fc.assert(
      fc.property(anyText, anyText, (before, after) => {
        const position = toPosition(before + after, Buffer.byteLength(before));
        assert.equal(position, before.length);
        const { line, column } = placeAt(before + after, position);
        const lines = before.split('\n');
        assert.deepEqual([line, column], [lines.length, (lines.at(-1) ?? '').length + 1]);
      }),
    );
  });

  void it('counts statements past comments, quotes and dollar quotes', () => {
    const words = (sql: string) => listStatements(sql).map(({ word }) => word);
    assert.deepEqual(words('select 1'), ['SELECT']);
    assert.deepEqual(words("select ';' -- ; x\n; /* ; */ copy t"), ['SELECT', 'COPY']);
    assert.deepEqual(words('select $$;$$, $a$;$$;$a$;'), ['SELECT']);
    assert.deepEqual(words('; ; -- nothing'), []);
    assert.deepEqual(words('(select 1)'), ['(']);
  });

  void it('takes types as types, and nothing that ends what stands around them', () => {
    const good = [
      'BIGINT',
      'DECIMAL(18, 3)',
      'STRUCT("a b" INTEGER, c VARCHAR[])',
      "ENUM('a', 'it''s')",
      'INTEGER[3][]',
      'TIMESTAMP WITH TIME ZONE',
    ];
    const bad = [
      '',
      '1',
      'INT)',
      'INT, b',
      'INT; DROP',
      "INT DEFAULT 'x",
      '(INT)',
      'INT -- x',
      'INT) AS (SELECT 1',
    ];
    for (const type of good) assert.ok(isTypeText(type), type);
    for (const type of bad) assert.ok(!isTypeText(type), type);
    fc.assert(
      fc.property(fc.string(), (text) => {
        if (isTypeText(text))
          assert.doesNotMatch(text.replaceAll(/'(?:[^']|'')*'|"(?:[^"]|"")+"/g, ''), /[;'"\\-]/);
      }),
    );
  });
});
