// Asks the egress policy about a URL, and shows which rule decides and what it says about each address.
import { Alert, Button, Group, Paper, Stack, Table, Text, TextInput, Title } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import type { z } from 'zod';
import type { egressLook } from '@flowhook/contract/webhook/exchange';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { useEndpoint } from '../../api/query.ts';
import { useChangeSearch, useSearchTexts } from '../../parts/page/address.ts';
import { Answer } from '../../parts/page/answer.tsx';
import { FactList } from '../../parts/table/fact-list.tsx';
import { IconBan, IconCircleCheck } from '../../parts/icon.ts';
import { StateBadge } from '../../parts/state-badge.tsx';
import { settingText } from '../../text/setting.ts';

export default function EgressTester() {
  const { url = '' } = useSearchTexts();
  const changeSearch = useChangeSearch();
  const [typed, setTyped] = useState(url);
  const look = useEndpoint(
    webhookTaskEndpoints.egress,
    { query: { url } },
    { enabled: url !== '', staleTime: 0 },
  );
  const ask = (event: FormEvent) => {
    event.preventDefault();
    if (typed.trim() === url && url !== '') void look.refetch();
    else changeSearch({ url: typed.trim() });
  };
  return (
    <Paper withBorder p="md" maw="44rem" component="section" aria-label={settingText.tester}>
      <Stack>
        <div>
          <Title order={2} size="h4">
            {settingText.tester}
          </Title>
          <Text size="sm" c="dimmed">
            {settingText.testerDetail}
          </Text>
        </div>
        <form onSubmit={ask}>
          <Group align="flex-end" gap="xs">
            <TextInput
              label={settingText.url}
              value={typed}
              onChange={({ currentTarget }) => setTyped(currentTarget.value)}
              type="text"
              inputMode="url"
              spellCheck={false}
              style={{ flex: '1 1 14rem' }}
            />
            <Button type="submit" variant="default" loading={look.isFetching}>
              {settingText.test}
            </Button>
          </Group>
        </form>
        {url !== '' && (
          <Answer of={look} lines={3}>
            {(data) => <Look look={data} />}
          </Answer>
        )}
      </Stack>
    </Paper>
  );
}

function Look({ look }: { readonly look: z.output<typeof egressLook> }) {
  const { allowed, rule, detail, address, addresses, unresolved } = look;
  const Icon = allowed ? IconCircleCheck : IconBan;
  const facts = [
    { label: settingText.rule, value: rule },
    ...(address ? [{ label: settingText.address, value: address }] : []),
  ];
  return (
    <Stack role="status" gap="sm">
      <Alert
        color={allowed ? 'teal' : 'red'}
        icon={<Icon aria-hidden />}
        title={allowed ? settingText.allowed : settingText.refused}
      >
        {detail}
      </Alert>
      <FactList facts={facts} />
      {unresolved !== null && <Text size="sm">{settingText.unresolved(unresolved)}</Text>}
      {addresses.length > 0 && <AddressTable addresses={addresses} />}
    </Stack>
  );
}

function AddressTable({ addresses }: { readonly addresses: z.output<typeof egressLook>['addresses'] }) {
  return (
    <Table aria-label={settingText.addresses} style={{ overflowWrap: 'anywhere' }}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">{settingText.address}</Table.Th>
          <Table.Th scope="col">{settingText.decision}</Table.Th>
          <Table.Th scope="col">{settingText.why}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {addresses.map(({ address, allowed, detail }) => (
          <Table.Tr key={address}>
            <Table.Td>{address}</Table.Td>
            <Table.Td>
              <StateBadge
                state={allowed ? 'valid' : 'invalid'}
                label={allowed ? settingText.addressAllowed : settingText.addressRefused}
              />
            </Table.Td>
            <Table.Td>{detail}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
