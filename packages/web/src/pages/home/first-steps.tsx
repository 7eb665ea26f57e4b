// Where nothing is yet: what to do first.
import { Group, List, Stack, Text, Title } from '@mantine/core';
import { hasRole, usePerson } from '../../api/session-store.ts';
import { IconPlus, IconRoute } from '../../parts/icon.ts';
import { Message } from '../../parts/page/message.tsx';
import { PageButton } from '../../parts/page/page-link.tsx';
import { homeText } from '../../text/home.ts';
import classes from './first-steps.module.css';

export function FirstFlow() {
  const mayCreate = hasRole(usePerson(), 'author');
  return (
    <Message
      icon={IconRoute}
      title={homeText.startTitle}
      detail={mayCreate ? homeText.startDetail : homeText.viewerStartDetail}
      action={mayCreate && <NewFlow />}
    />
  );
}

export function NextSteps({ flow }: { readonly flow: { id: number; name: string } | undefined }) {
  const mayCreate = hasRole(usePerson(), 'author');
  return (
    <section className={classes['steps']} aria-label={homeText.next}>
      <Stack gap="sm">
        <Title order={2} size="h4">
          {homeText.quietTitle}
        </Title>
        <Text c="dimmed">{homeText.quietDetail}</Text>
        {flow !== undefined && mayCreate && (
          <>
            <Text fw={600}>{homeText.nextIn(flow.name)}</Text>
            <List type="ordered" spacing={4}>
              {homeText.steps.map((step) => (
                <List.Item key={step}>{step}</List.Item>
              ))}
            </List>
          </>
        )}
        <Group gap="sm">
          {flow !== undefined && <PageButton to={`/flows/${flow.id}`}>{homeText.openFlow}</PageButton>}
          {mayCreate && <NewFlow variant="default" />}
        </Group>
      </Stack>
    </section>
  );
}

function NewFlow({ variant = 'filled' }: { readonly variant?: 'filled' | 'default' }) {
  return (
    <PageButton
      to="/flows"
      search={{ new: 'true' }}
      variant={variant}
      leftSection={<IconPlus size={16} aria-hidden />}
    >
      {homeText.newFlow}
    </PageButton>
  );
}
