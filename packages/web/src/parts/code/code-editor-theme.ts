// The editor's look: the colours of the theme, in light and dark, each 4.5:1 on its ground.
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const highlighting = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword], color: 'light-dark(#7a1fa2, #d9a6f2)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'light-dark(#1b5e2b, #8ce0a0)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'light-dark(#9a3a00, #ffb98a)' },
  { tag: [tags.comment], color: 'light-dark(#5c6670, #9aa4ad)', fontStyle: 'italic' },
  { tag: [tags.propertyName, tags.typeName], color: 'light-dark(#0b4f8a, #99ccff)' },
]);

export function editorTheme(minHeight: number): Extension {
  const theme = EditorView.theme({
    '&': { color: 'var(--mantine-color-text)', fontSize: '13px' },
    '&.cm-focused': { outline: 'none' },
    '.cm-scroller': {
      fontFamily: 'var(--mantine-font-family-monospace)',
      minHeight: `${minHeight}px`,
      maxHeight: '55vh',
    },
    '.cm-content': { caretColor: 'var(--mantine-color-text)' },
    '.cm-cursor': { borderLeftColor: 'var(--mantine-color-text)' },
    '.cm-gutters': {
      backgroundColor: 'light-dark(#f6f8f9, #1b1e21)',
      color: 'light-dark(#5c6670, #9aa4ad)',
      border: 'none',
    },
    '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'light-dark(#0b72850d, #6cc6d814)' },
    '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': {
      backgroundColor: 'light-dark(#c9e9f0, #16495a)',
    },
    '.cm-tooltip': {
      backgroundColor: 'var(--mantine-color-body)',
      color: 'var(--mantine-color-text)',
      border: '1px solid var(--mantine-color-default-border)',
    },
    '.cm-tooltip-autocomplete > ul > li[aria-selected]': {
      backgroundColor: 'light-dark(#0b7285, #0b7285)',
      color: '#fff',
    },
    '.cm-panels': { backgroundColor: 'light-dark(#f6f8f9, #22262a)', color: 'var(--mantine-color-text)' },
  });
  return [theme, syntaxHighlighting(highlighting)];
}
