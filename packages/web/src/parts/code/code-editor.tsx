// An editor for SQL, JSON or plain text; its code is fetched when one is shown.
import { Input, Skeleton } from '@mantine/core';
import { lazy, Suspense, useId, type ReactNode } from 'react';
import type { EditorProps } from './code-editor-input.ts';
import classes from './code-editor.module.css';

const Canvas = lazy(() => import('./code-editor-canvas.tsx'));

interface CodeEditorProps extends EditorProps {
  readonly description?: ReactNode;
  /** What is wrong with the whole of it; shown below. */
  readonly error?: ReactNode;
  /** True where the label need not be seen. */
  readonly hideLabel?: boolean;
}

export function CodeEditor({ description, error, hideLabel = false, ...editor }: CodeEditorProps) {
  const id = useId();
  const { label, minHeight = 120 } = editor;
  return (
    <Input.Wrapper
      {...(!hideLabel && { label, labelElement: 'div' as const })}
      description={description}
      error={error}
      errorProps={{ id }}
    >
      <div className={classes['editor']} data-invalid={Boolean(error)}>
        <Suspense fallback={<Skeleton height={minHeight} radius={0} />}>
          <Canvas {...editor} {...(error && { describedBy: id })} />
        </Suspense>
      </div>
    </Input.Wrapper>
  );
}
