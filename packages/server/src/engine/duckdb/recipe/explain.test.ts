// DuckDB's complaints in words: limits, insides, and advice that nobody here can follow left out.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readComplaint, type Complaint } from '../task/complaint.ts';
import { explainRun } from '../task/explain-run.ts';
import { wordComplaint } from './explain-sql.ts';

const complain = (kind: string, text: string, over: Partial<Complaint> = {}): Complaint => ({
  kind,
  text,
  subtype: null,
  at: null,
  name: null,
  candidates: [],
  missing: null,
  ...over,
});

void describe('complaints', () => {
  void it('are read from JSON behind any prefix, and from plain text', () => {
    const body =
      '{"exception_type":"Binder","exception_message":"no","position":"9","candidates":"a,b","name":"n"}';
    const read = readComplaint(new Error(`Failed to extract statements: Parser Error: ${body}`));
    assert.deepEqual(
      [read.kind, read.text, read.at, read.candidates, read.name],
      ['Binder', 'no', 9, ['a', 'b'], 'n'],
    );
    assert.equal(readComplaint(new Error('Out of Memory Error: much')).kind, 'Out of Memory');
    assert.equal(readComplaint('x').kind, 'Unknown');
  });

  void it('become limits', () => {
    const cases: [Complaint, string][] = [
      [
        complain('Out of Memory', "failed to offload ... 'max_temp_directory_size' setting"),
        'temp_space_full',
      ],
      [complain('Out of Memory', 'failed to allocate data'), 'out_of_memory'],
      [complain('Invalid Input', 'std::bad_alloc'), 'out_of_memory'],
      [complain('IO', 'Could not write: No space left on device'), 'disk_full'],
      [complain('INTERNAL', 'Assertion failed'), 'crashed'],
    ];
    for (const [complaint, reason] of cases)
      assert.equal(explainRun(complaint, [])?.reason, reason, complaint.text);
    assert.equal(explainRun(complain('Binder', 'x'), []), null);
  });

  void it('carry the way out, without settings that no recipe can set', () => {
    const group = complain(
      'Binder',
      'column "a" must appear in the GROUP BY clause.\nEither add it to the GROUP BY list.',
    );
    assert.deepEqual(wordComplaint(group), {
      message: 'Column "a" must appear in the GROUP BY clause.',
      hint: 'Either add it to the GROUP BY list.',
    });
    const rows = complain(
      'Invalid Input',
      'More than one row returned\n\nUse "SET scalar_subquery_error_on_multiple_rows=false".',
    );
    assert.equal(wordComplaint(rows).hint, null);
    const missing = complain('Catalog', 'Scalar Function with name foo does not exist!', {
      missing: 'Scalar Function',
      name: 'foo',
      candidates: ['floor'],
    });
    assert.deepEqual(wordComplaint(missing), {
      message: 'There is no function "foo".',
      hint: 'Did you mean "floor"?',
    });
  });

  void it('take a name that every object of JavaScript has for any other', () => {
    for (const missing of ['Scalar Function', 'Type']) {
      const { hint } = wordComplaint(
        complain('Catalog', `${missing} with name constructor does not exist!`, {
          missing,
          name: 'constructor',
        }),
      );
      assert.ok(hint === null || typeof hint === 'string', missing);
    }
    const column = complain('Binder', 'Referenced column "constructor" not found', {
      subtype: 'COLUMN_NOT_FOUND',
      name: 'constructor',
    });
    assert.doesNotMatch(String(wordComplaint(column).hint), /native code/u);
  });
});
