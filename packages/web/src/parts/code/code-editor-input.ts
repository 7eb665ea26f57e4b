// What an editor takes.

export interface EditorFault {
  /** From 0, in UTF-16 units. */
  readonly from: number;
  readonly to: number;
  readonly message: string;
}

export interface EditorReference {
  /** As it is inserted, such as `$jobId`. */
  readonly label: string;
  readonly detail?: string;
}

export interface EditorProps {
  readonly label: string;
  readonly value: string;
  onChange(value: string): void;
  readonly language: 'sql' | 'json' | 'text';
  readonly readOnly?: boolean;
  /** SQL: names of datasets and recipes, each with its columns. */
  readonly tables?: Readonly<Record<string, readonly string[]>>;
  /** Offered where a `$` is typed. */
  readonly references?: readonly EditorReference[];
  /** Marked where they are, and told on hover and in the list of faults (Ctrl-Shift-M). */
  readonly faults?: readonly EditorFault[];
  readonly minHeight?: number;
  /** Called with Ctrl-Enter or Cmd-Enter. */
  onSubmit?(): void;
  /** The id of an element that says what is wrong. */
  readonly describedBy?: string;
}
