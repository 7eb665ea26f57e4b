// One request and its answer, with times by phase and the egress decision: of a test, or of an attempt.
import { Code, Stack, Table, Text, Title } from '@mantine/core';
import type { z } from 'zod';
import type {
  exchangeMembers,
  signature as signatureSchema,
  timing as timingSchema,
} from '@flowhook/contract/webhook/exchange';
import { exchangeText as text } from '../../text/webhook/exchange.ts';
import { CodeBlock } from '../code/code-block.tsx';
import { FactList } from '../table/fact-list.tsx';
import { formatDuration } from '../time/format.ts';
import { StateBadge } from '../state-badge.tsx';
import { TextView } from '../code/text-view.tsx';

type Members = typeof exchangeMembers;
type Exchange = { readonly [Key in keyof Members]: z.output<Members[Key]> };

interface ExchangeViewProps {
  readonly exchange: Pick<Exchange, 'address' | 'timing' | 'request' | 'response' | 'egress'>;
  readonly signature?: z.output<typeof signatureSchema> | null;
}

export function ExchangeView({ exchange, signature = null }: ExchangeViewProps) {
  const { request, response, egress, timing, address } = exchange;
  const facts = [
    ...(address === null ? [] : [{ label: text.address, value: address }]),
    ...(egress === null
      ? []
      : [
          {
            label: text.egress,
            value: (
              <>
                <StateBadge
                  state={egress.allowed ? 'valid' : 'invalid'}
                  label={egress.allowed ? text.allowed : text.refused}
                />{' '}
                {egress.detail} <Code>{egress.rule}</Code>
              </>
            ),
          },
        ]),
  ];
  return (
    <Stack gap="sm">
      {facts.length > 0 && <FactList facts={facts} />}
      {timing !== null && <Timing timing={timing} />}
      {request !== null && (
        <section aria-label={text.request}>
          <Title order={3} size="h5">
            {text.request}
          </Title>
          <CodeBlock
            label={text.requestHeaders}
            code={`${request.method} ${request.url}\n${writeHeaders(request.headers)}`}
            wrap
          />
          <Body text={request.body} label={text.requestBody} />
        </section>
      )}
      {signature !== null && (
        <section aria-label={text.signature}>
          <Title order={3} size="h5">
            {text.signature}
          </Title>
          <CodeBlock label={text.signature} code={signature.header} wrap />
          <Text size="sm">{text.signedText}</Text>
          <CodeBlock label={text.signedText} code={signature.signedText} wrap />
        </section>
      )}
      <Response response={response} />
    </Stack>
  );
}

function Response({ response }: Pick<Exchange, 'response'>) {
  return (
    <section aria-label={text.response}>
      <Title order={3} size="h5">
        {text.response}
      </Title>
      {response === null ? (
        <Text size="sm">{text.noAnswer}</Text>
      ) : (
        <>
          <CodeBlock
            label={text.responseHeaders}
            code={`${response.statusCode}\n${writeHeaders(response.headers)}`}
            wrap
          />
          <Body text={response.body} label={text.responseBody} />
          {response.truncated && <Text size="sm">{text.cut}</Text>}
        </>
      )}
    </section>
  );
}

function Body({ text: body, label }: { readonly text: string | null; readonly label: string }) {
  if (body === null || body === '') return <Text size="sm">{text.noBody}</Text>;
  return <TextView text={body} label={label} />;
}

function writeHeaders(headers: Readonly<Record<string, string | readonly string[]>>): string {
  return Object.entries(headers)
    .flatMap(([name, value]) => [value].flat().map((each) => `${name}: ${each}`))
    .join('\n');
}

const phases = ['dnsMs', 'connectMs', 'tlsMs', 'firstByteMs', 'totalMs'] as const;

function Timing({ timing }: { readonly timing: z.output<typeof timingSchema> }) {
  return (
    <Table aria-label={text.timing} withRowBorders={false} verticalSpacing={2} horizontalSpacing={6} fz="xs">
      <Table.Thead>
        <Table.Tr>
          {phases.map((phase) => (
            <Table.Th key={phase} scope="col" style={{ overflowWrap: 'normal' }}>
              {text.phases[phase]}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        <Table.Tr>
          {phases.map((phase) => {
            const value = timing[phase];
            return (
              <Table.Td key={phase}>{value === null ? text.notReached : formatDuration(value)}</Table.Td>
            );
          })}
        </Table.Tr>
      </Table.Tbody>
    </Table>
  );
}
