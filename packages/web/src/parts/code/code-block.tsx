// Code or another fixed text, with a button that copies it. Long lines scroll, by keyboard too.
import { CopyButton } from './copy-button.tsx';
import classes from './code-block.module.css';

interface CodeBlockProps {
  readonly code: string;
  /** What the button copies, where that is not the code as it is shown. */
  readonly copied?: string;
  /** What it is, for those who don't see it. */
  readonly label: string;
  /** Breaks long lines. */
  readonly wrap?: boolean;
}

export function CodeBlock({ code, copied = code, label, wrap = false }: CodeBlockProps) {
  return (
    <div className={classes['block']}>
      <pre className={classes['code']} data-wrap={wrap} tabIndex={0} role="region" aria-label={label}>
        <code>{code}</code>
      </pre>
      <div className={classes['copy']}>
        <CopyButton value={copied} />
      </div>
    </div>
  );
}
