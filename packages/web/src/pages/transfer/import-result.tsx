// What came in, and what is still missing: each thing with the one place to give it.
import { Button, Code, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { PageButton } from '../../parts/page/page-link.tsx';
import { transferText as text } from '../../text/transfer.ts';
import { Differences, Entries, Makes } from './import-report.tsx';
import type { Report } from './package-part.ts';
import { StepHeading } from './step-heading.tsx';

interface ImportResultProps {
  readonly report: Report;
  onRestart(): void;
}

export default function ImportResult({ report, onRestart }: ImportResultProps) {
  return (
    <Stack>
      <StepHeading>{text.doneTitle}</StepHeading>
      <Makes report={report} />
      <Group gap="xs">
        {report.flows.map(({ id, name }) => (
          <PageButton key={id} to={`/flows/${id}`}>
            {text.openFlow(name)}
          </PageButton>
        ))}
        <Button variant="default" onClick={onRestart}>
          {text.chooseAnother}
        </Button>
      </Group>
      <DisabledTasks tasks={report.webhookflowtasks.filter(({ enabled }) => !enabled)} />
      <Entries
        title={text.datasetsTitle}
        detail={text.datasetsDetail}
        entries={report.datasources
          .filter(({ waiting }) => waiting)
          .map(({ id, name, flow }) => ({
            key: String(id),
            content: (
              <Todo
                name={name}
                to={`/flows/${flow?.id}`}
                search={{ dataset: id ?? undefined }}
                action={text.giveFile}
                actionOf={text.giveFileOf(name)}
              />
            ),
          }))}
      />
      <Entries
        title={text.recipesTitle}
        detail={text.recipesDetail}
        entries={report.recipes
          .filter(({ runnable }) => !runnable)
          .map(({ id, name, flow }) => ({
            key: String(id),
            content: (
              <Todo
                name={name}
                to={`/flows/${flow?.id}`}
                search={{ recipe: id ?? undefined }}
                action={text.writeSql}
                actionOf={text.writeSqlOf(name)}
              />
            ),
          }))}
      />
      <Differences report={report} />
    </Stack>
  );
}

function DisabledTasks({ tasks }: { readonly tasks: Report['webhookflowtasks'] }) {
  const entries = tasks.map(({ id, name, flow, disabledReason, missingSecrets }) => {
    const lacks = missingSecrets.length > 0;
    const about = lacks ? (
      <>
        {text.missing}
        {missingSecrets.map((field) => (
          <Code key={field} ml={6}>
            {field}
          </Code>
        ))}
      </>
    ) : (
      disabledReason
    );
    return {
      key: String(id),
      content: (
        <Todo
          name={name}
          about={about}
          to={`/flows/${flow?.id}`}
          search={{ panel: 'webhooks', task: id ?? undefined }}
          action={lacks ? text.giveSecrets : text.look}
          actionOf={lacks ? text.giveSecretsOf(name) : text.lookAt(name)}
        />
      ),
    };
  });
  return <Entries title={text.tasksTitle} detail={text.tasksDetail} entries={entries} />;
}

interface TodoProps {
  readonly name: string;
  readonly about?: ReactNode;
  readonly to: string;
  readonly search: Readonly<Record<string, string | number | undefined>>;
  readonly action: string;
  /** The same with the name of the thing, for those who hear it. */
  readonly actionOf: string;
}

function Todo({ name, about, to, search, action, actionOf }: TodoProps) {
  return (
    <Group justify="space-between" gap="xs">
      <div>
        <Text size="sm" fw={600}>
          {name}
        </Text>
        {about !== undefined && (
          <Text size="sm" c="dimmed" component="div">
            {about}
          </Text>
        )}
      </div>
      <PageButton to={to} search={search} size="xs" variant="default" aria-label={actionOf}>
        {action}
      </PageButton>
    </Group>
  );
}
