// The editor of a webhook task: its fields, beside them what will be sent, and the test.
import { Button, Drawer } from '@mantine/core';
import { useRef, useState } from 'react';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { toAddress } from '../../api/place.ts';
import { useEndpoint } from '../../api/query.ts';
import { ConfirmDialog } from '../../parts/form/confirm-dialog.tsx';
import { ContractForm } from '../../parts/form/contract-form.tsx';
import { IconSend } from '../../parts/icon.ts';
import type { FlowGraphAnswer } from '../../parts/graph/graph-layout.ts';
import { Answer } from '../../parts/page/answer.tsx';
import { WarningList } from '../../parts/page/warning-list.tsx';
import { partText } from '../../text/part.ts';
import { webhookTaskText as text } from '../../text/webhook/webhook-task.ts';
import { BehaviourSection } from './section/behaviour-section.tsx';
import { BodySection } from './section/body-section.tsx';
import { HeaderSection } from './section/header-section.tsx';
import { KindSection, RunSection } from './section/kind-section.tsx';
import { PresetSection } from './section/preset-section.tsx';
import { RequestSection } from './section/request-section.tsx';
import { SecretSection } from './section/secret-section.tsx';
import classes from './task-drawer.module.css';
import { hasTypedSecrets } from './task-draft.ts';
import { withPreset, type Task } from './task-values.ts';
import { TrialColumn } from './trial-column.tsx';
import { useTaskForm } from './use-task-form.ts';
import { useTaskTrial } from './use-task-trial.ts';
import { WhenSection } from './section/when-section.tsx';

export interface TaskDrawerProps {
  readonly flowId: number;
  /** Its outputs are what a task can wait for. */
  readonly graph: FlowGraphAnswer;
  /** A new one without it. */
  readonly task?: Task;
  onClose(): void;
}

/** One that is changed is read by itself: in a list it has no version. */
export default function TaskDrawer({ task, ...props }: TaskDrawerProps) {
  return task === undefined ? <Editor {...props} /> : <Reading {...props} task={task} />;
}

function Reading({ task: { id, name }, ...props }: TaskDrawerProps & { readonly task: Task }) {
  const query = { embed: 'runWrangledDataset' };
  const task = useEndpoint(webhookTaskEndpoints.get, { params: { id }, query });
  if (task.data !== undefined) return <Editor {...props} task={task.data} />;
  if (task.error === null) return null;
  return (
    <Drawer opened onClose={props.onClose} position="right" title={text.editTitle(name)}>
      <Answer of={task}>{() => null}</Answer>
    </Drawer>
  );
}

function Editor(props: TaskDrawerProps) {
  const { flowId, graph, task, onClose } = props;
  const [asking, setAsking] = useState(false);
  const form = useTaskForm(props);
  const { fields } = form;
  const sends = fields.values.kind === 'request';
  const trial = useTaskTrial(fields.values, { flowId, ...(task !== undefined && { id: task.id }) });
  /** Where it is tried: on a narrow page below the fields. */
  const trialPlace = useRef<HTMLDivElement>(null);
  const runTest = () => {
    trial.runTest();
    trialPlace.current?.scrollIntoView({ block: 'nearest' });
  };
  const close = () => (fields.isDirty() && hasTypedSecrets(fields.getValues()) ? setAsking(true) : onClose());
  return (
    <>
      <Drawer
        opened
        onClose={close}
        position="right"
        size="min(100vw, 76rem)"
        title={task === undefined ? text.newTitle : text.editTitle(task.name)}
        closeButtonProps={{ 'aria-label': partText.close }}
        // Its head is no banner: the page has one.
        attributes={{ header: { role: 'presentation' } }}
        classNames={{ content: classes['scroller'] ?? '' }}
        closeOnClickOutside={false}
        closeOnEscape={!asking}
      >
        <div className={classes['columns']}>
          <ContractForm
            form={form}
            label={task === undefined ? text.newTitle : text.editTitle(task.name)}
            submitLabel={task === undefined ? text.createSubmit : partText.save}
            onCancel={close}
            fixedFooter
            moreActions={
              sends && (
                <Button
                  variant="light"
                  leftSection={<IconSend size={16} aria-hidden />}
                  loading={trial.test.isPending}
                  disabled={trial.request.url.trim() === ''}
                  onClick={runTest}
                >
                  {text.runTest}
                </Button>
              )
            }
          >
            {task !== undefined && <WarningList title={text.missing} warnings={task.missingSecrets} />}
            {task === undefined && <KindSection form={form} />}
            {task === undefined && sends && (
              <PresetSection
                recipes={graph.data.filter(({ wrangled }) => wrangled)}
                onPick={(preset, body) => {
                  const values = withPreset(fields.getValues(), preset, ownAddress());
                  fields.setValues(body === undefined ? values : { ...values, ...body });
                }}
              />
            )}
            <WhenSection form={form} graph={graph} />
            {sends ? (
              <>
                <RequestSection form={form} {...(task?.urlSecret === true && { storedUrl: task.url })} />
                <HeaderSection form={form} />
                <BodySection form={form} />
                <SecretSection form={form} {...(task !== undefined && { task })} />
              </>
            ) : (
              <RunSection form={form} />
            )}
            <BehaviourSection form={form} />
          </ContractForm>
          <TrialColumn
            values={fields.values}
            flowId={flowId}
            trial={trial}
            ref={trialPlace}
            {...(task !== undefined && { taskId: task.id })}
          />
        </div>
      </Drawer>
      {asking && (
        // Mounted only then: it would hear the key that opened it, and close again.
        <ConfirmDialog
          opened
          title={text.secretsGoTitle}
          confirmLabel={text.secretsGo}
          onConfirm={onClose}
          onClose={() => setAsking(false)}
        >
          {text.secretsGoDetail}
        </ConfirmDialog>
      )}
    </>
  );
}

/** Where this page's own server is reached, with its base path. */
function ownAddress(): string {
  return new URL(toAddress('/'), location.origin).href.replace(/\/$/u, '');
}
