// Imports a package: choose or drop it, look at what it would make, then bring it in.
import { Button, FileButton } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { Loading } from '../../parts/page/answer.tsx';
import { DropZone } from '../../parts/form/drop-zone.tsx';
import { IconFileImport } from '../../parts/icon.ts';
import { Message } from '../../parts/page/message.tsx';
import { PageFrame } from '../../parts/page/page-frame.tsx';
import { ProblemAlert } from '../../parts/page/problem-alert.tsx';
import { UploadBar } from '../../parts/form/upload-bar.tsx';
import { flowText } from '../../text/flow.ts';
import { transferText as text } from '../../text/transfer.ts';
import classes from './import-page.module.css';
import { useImport, type Step } from './use-import.ts';

const ImportReview = lazy(() => import('./import-review.tsx'));
const ImportResult = lazy(() => import('./import-result.tsx'));

export default function ImportPage() {
  const { step, look, bringIn, restart } = useImport();
  return (
    <PageFrame
      title={text.importTitle}
      description={text.importDetail}
      crumbs={[{ label: flowText.title, to: '/flows' }]}
    >
      <Suspense fallback={<Loading lines={6} />}>
        {step.at === 'choose' && <Chooser onFile={look} />}
        {step.at === 'sending' && <UploadBar label={describe(step)} share={step.share} />}
        {step.at === 'refused' && (
          <>
            <ProblemAlert problem={step.problem} title={text.refused(step.file.name)} />
            <Chooser onFile={look} />
          </>
        )}
        {step.at === 'review' && (
          <ImportReview
            fileName={step.file.name}
            report={step.report}
            problem={step.problem}
            onImport={() => bringIn(step.file, step.report)}
            onRestart={restart}
          />
        )}
        {step.at === 'done' && <ImportResult report={step.report} onRestart={restart} />}
      </Suspense>
    </PageFrame>
  );
}

function describe({ file: { name }, share, imports }: Extract<Step, { at: 'sending' }>): string {
  if (share < 1) return text.sending(name);
  return imports ? text.importing(name) : text.looking(name);
}

function Chooser({ onFile }: { onFile(file: File): void }) {
  const choose = (file: File | null | undefined) => {
    if (file) onFile(file);
  };
  const button = (
    <FileButton
      accept=".zip,application/zip"
      onChange={choose}
      inputProps={{ 'aria-label': text.choose, tabIndex: -1 }}
    >
      {({ onClick }) => <Button onClick={onClick}>{text.choose}</Button>}
    </FileButton>
  );
  return (
    <DropZone label={text.dropHere} onFiles={([file]) => choose(file)}>
      <div className={classes['target']}>
        <Message icon={IconFileImport} title={text.dropTitle} action={button} />
      </div>
    </DropZone>
  );
}
