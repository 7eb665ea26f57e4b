// Pure: what keeps a file from being read as it stands, in words for people, before it is known whose file it is.
import type { CsvRecord } from './csv-record.ts';

export class LookFault extends Error {
  readonly hint: string;
  /** 1-based line of the file; null where it is none in particular. */
  readonly line: number | null;

  /** `message` goes on after "The file can't be read: ". */
  constructor(message: string, hint: string, line: number | null = null) {
    super(message);
    this.hint = hint;
    this.line = line;
  }
}

export const encodingHint =
  'Set the option encoding to the one it was written in: windows-1252 (western Europe), windows-1250, windows-1251, iso-8859-2, koi8-r, shift_jis, euc-jp, gb18030, big5, euc-kr, utf-16le, utf-16be, or another name of the Encoding standard.';

/** What is wrong with the quotes of a record. */
export const quoteFault = ({ fault, line }: Pick<CsvRecord, 'fault' | 'line'>): LookFault =>
  new LookFault(
    fault === 'unterminated quote'
      ? `the quoted value that begins on line ${line} never ends`
      : `on line ${line} text stands behind a closing quote`,
    'Correct the line; or set the options quote and escape as the file has them (an empty quote for none).',
    line,
  );
