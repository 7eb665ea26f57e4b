// Draws an editor with CodeMirror.
import { autocompletion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import { json, jsonParseLinter } from '@codemirror/lang-json';
import { PostgreSQL, sql, SQLDialect } from '@codemirror/lang-sql';
import { linter, setDiagnostics } from '@codemirror/lint';
import { Annotation, Compartment, EditorState, type Extension } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import { basicSetup } from 'codemirror';
import { useEffect, useRef } from 'react';
import type { EditorProps } from './code-editor-input.ts';
import { editorTheme } from './code-editor-theme.ts';
import { sqlFunctions, sqlKeywords, sqlTypes } from './sql-word.ts';

/** Quotes, comments and operators are those of PostgreSQL. */
const duckDb = SQLDialect.define({
  ...PostgreSQL.spec,
  keywords: sqlKeywords,
  types: sqlTypes,
  builtin: sqlFunctions,
});

/** Marks what the page puts into the editor: nobody typed it. */
const isPut = Annotation.define<true>();

/** What may change while the editor stands, each on its own. */
function createCompartments() {
  return {
    language: new Compartment(),
    names: new Compartment(),
    attributes: new Compartment(),
    access: new Compartment(),
  };
}

export default function CodeEditorCanvas(props: EditorProps) {
  const { value, language, readOnly = false, tables, references, faults, minHeight = 120 } = props;
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const parts = useRef(createCompartments());
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    const { label, value: doc } = latest.current;
    const created = new EditorView({
      parent: place.current!,
      state: EditorState.create({
        doc,
        extensions: [
          keymap.of([{ key: 'Mod-Enter', run: () => submit(latest.current) }]),
          basicSetup,
          EditorView.lineWrapping,
          editorTheme(minHeight),
          parts.current.access.of([]),
          EditorView.contentAttributes.of({ 'aria-label': label }),
          EditorView.updateListener.of((update) => {
            const typed = update.transactions.some((one) => one.docChanged && one.annotation(isPut) !== true);
            if (typed) latest.current.onChange(update.state.doc.toString());
          }),
          parts.current.language.of([]),
          parts.current.names.of([]),
          parts.current.attributes.of([]),
        ],
      }),
    });
    view.current = created;
    return () => created.destroy();
  }, [minHeight]);

  useEffect(() => {
    view.current?.dispatch({
      effects: parts.current.access.reconfigure(EditorState.readOnly.of(readOnly)),
    });
  }, [readOnly]);

  useEffect(() => {
    const now = view.current?.state.doc.toString();
    if (now === undefined || now === value) return;
    view.current?.dispatch({
      changes: { from: 0, to: now.length, insert: value },
      annotations: isPut.of(true),
    });
  }, [value]);

  useEffect(() => {
    view.current?.dispatch({
      effects: parts.current.language.reconfigure(languageOf(language, tables)),
    });
  }, [language, tables]);

  useEffect(() => {
    view.current?.dispatch({ effects: parts.current.names.reconfigure(referencesOf(references)) });
  }, [references]);

  useEffect(() => {
    const attributes = EditorView.contentAttributes.of({
      'aria-describedby': props.describedBy ?? '',
      'aria-invalid': String((faults?.length ?? 0) > 0 || props.describedBy !== undefined),
    });
    view.current?.dispatch({ effects: parts.current.attributes.reconfigure(attributes) });
  }, [props.describedBy, faults]);

  useEffect(() => {
    const editor = view.current;
    if (editor === null || faults === undefined) return;
    const { length } = editor.state.doc;
    const within = (at: number) => Math.max(0, Math.min(at, length));
    const diagnostics = faults.map(({ from, to, message }) => ({
      from: within(from),
      to: within(to),
      message,
      severity: 'error' as const,
    }));
    editor.dispatch(setDiagnostics(editor.state, diagnostics));
  }, [faults]);

  return <div ref={place} />;
}

function submit({ onSubmit }: EditorProps): boolean {
  onSubmit?.();
  return onSubmit !== undefined;
}

function languageOf(language: EditorProps['language'], tables: EditorProps['tables']): Extension {
  if (language === 'json') return [json(), linter(jsonParseLinter(), { delay: 400 })];
  if (language === 'text') return [];
  const schema = Object.fromEntries(
    Object.entries(tables ?? {}).map(([name, columns]) => [name, [...columns]]),
  );
  return sql({ dialect: duckDb, schema });
}

/** Beside what the language completes: `$name`, wherever it is typed. */
function referencesOf(references: EditorProps['references']): Extension {
  if (references === undefined || references.length === 0) return [];
  const options = references.map(({ label, detail }) => ({
    label,
    type: 'variable',
    ...(detail !== undefined && { detail }),
  }));
  const complete = (context: CompletionContext): CompletionResult | null => {
    const typed = context.matchBefore(/\$[\w.]*/u);
    return typed === null ? null : { from: typed.from, options, validFor: /^\$[\w.]*$/u };
  };
  return [autocompletion({ override: [complete] })];
}
