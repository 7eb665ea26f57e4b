// The proof that the account closes: asked for by a button, what breaks a rule listed by rule.
import { Alert, Button, List, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import type { z } from 'zod';
import { auditEndpoints, type accountAudit } from '@flowhook/contract/webhook/audit';
import { useEndpoint } from '../../api/query.ts';
import { Answer } from '../../parts/page/answer.tsx';
import { FactList } from '../../parts/table/fact-list.tsx';
import { formatNumber } from '../../parts/time/format.ts';
import { IconAlertTriangle, IconCircleCheck, IconShieldCheck } from '../../parts/icon.ts';
import { Message } from '../../parts/page/message.tsx';
import { Moment } from '../../parts/time/moment.tsx';
import { auditText } from '../../text/audit.ts';
import { SettingsFrame } from './settings-frame.tsx';

type Audit = z.output<typeof accountAudit>;

export default function ProofPage() {
  const [asked, setAsked] = useState(false);
  const audit = useEndpoint(auditEndpoints.account, {}, { enabled: asked, staleTime: Infinity });
  const prove = (
    <Button
      leftSection={<IconShieldCheck size={16} aria-hidden />}
      loading={audit.isFetching}
      onClick={() => (asked ? void audit.refetch() : setAsked(true))}
    >
      {audit.data === undefined ? auditText.prove : auditText.proveAgain}
    </Button>
  );
  return (
    <SettingsFrame title={auditText.proofTitle} description={auditText.proofDetail} actions={prove}>
      {!asked && audit.data === undefined ? (
        <Message icon={IconShieldCheck} title={auditText.notYet} detail={auditText.notYetDetail} />
      ) : (
        <Answer of={audit}>{(data) => <Proved audit={data} />}</Answer>
      )}
    </SettingsFrame>
  );
}

function Proved({ audit: { closes, checkedAt, counts, findings } }: { readonly audit: Audit }) {
  const Icon = closes ? IconCircleCheck : IconAlertTriangle;
  const facts = [
    { label: auditText.checkedAt, value: <Moment at={checkedAt} /> },
    ...Object.entries(auditText.counts).map(([name, label]) => ({
      label,
      value: formatNumber(counts[name as keyof typeof counts]),
    })),
  ];
  return (
    <Stack role="status">
      <Alert
        color={closes ? 'teal' : 'red'}
        icon={<Icon aria-hidden />}
        title={closes ? auditText.closes : auditText.open}
      >
        {closes ? auditText.closesDetail : auditText.openDetail(findings.length)}
      </Alert>
      <FactList facts={facts} />
      {groupByRule(findings).map(([rule, rows]) => (
        <section key={rule} aria-label={rule}>
          <Title order={2} size="h5">
            {rule}
          </Title>
          <Text size="sm" c="dimmed">
            {auditText.demand(rows[0]!.demands, rows.length)}
          </Text>
          <List size="sm">
            {rows.map(({ row }) => (
              <List.Item key={row}>{row}</List.Item>
            ))}
          </List>
        </section>
      ))}
    </Stack>
  );
}

function groupByRule(findings: Audit['findings']): [string, Audit['findings']][] {
  return [...Map.groupBy(findings, ({ rule }) => rule)];
}
