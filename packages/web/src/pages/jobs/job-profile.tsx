// The profile of a job's rows: a card for each column, its values as bars with their figures beside them.
import { Text, Title } from '@mantine/core';
import type { z } from 'zod';
import { jobGroupEndpoints } from '@flowhook/contract/job/job-group';
import type { columnProfile } from '@flowhook/contract/job/job-result';
import { useEndpoint } from '../../api/query.ts';
import { Answer } from '../../parts/page/answer.tsx';
import { formatNumber, formatShare } from '../../parts/time/format.ts';
import { IconTable } from '../../parts/icon.ts';
import { Message } from '../../parts/page/message.tsx';
import { jobDetailText } from '../../text/job-detail.ts';
import type { Job } from './job-column.tsx';
import classes from './job-page.module.css';

type ColumnProfile = z.output<typeof columnProfile>;

export default function JobProfile({
  job: { id, profilingEnabled, status, external },
}: {
  readonly job: Job;
}) {
  const has = profilingEnabled && status === 'Complete';
  const profile = useEndpoint(jobGroupEndpoints.profile, { params: { id } }, { enabled: has });
  if (!has)
    return (
      <Message
        icon={IconTable}
        title={jobDetailText.noProfileTitle}
        detail={external ? jobDetailText.ranElsewhere : jobDetailText.noProfileDetail}
      />
    );
  return (
    <Answer of={profile}>
      {({ rows, columns }) => (
        <>
          <Text mb="sm">{jobDetailText.rowCount(rows, formatNumber(rows))}</Text>
          <div className={classes['cards']}>
            {columns.map((column) => (
              <Column key={column.name} column={column} rows={rows} />
            ))}
          </div>
        </>
      )}
    </Answer>
  );
}

function Column({ column, rows }: { readonly column: ColumnProfile; readonly rows: number }) {
  const { name, type, missing, empty, distinct, distinctApproximate, min, max, mean, top } = column;
  const count = formatNumber(distinct);
  const facts: [string, string | null][] = [
    [jobDetailText.missing, writePart(missing, rows)],
    [jobDetailText.empty, empty === null ? null : writePart(empty, rows)],
    [jobDetailText.distinct, distinctApproximate ? jobDetailText.about(count) : count],
    [jobDetailText.min, min],
    [jobDetailText.max, max],
    [jobDetailText.mean, mean === null ? null : formatNumber(mean)],
  ];
  return (
    <section className={classes['card']} aria-label={name}>
      <Title order={2} size="h5">
        {name}
      </Title>
      <Text size="xs" c="dimmed" mb="xs">
        {type}
      </Text>
      <table className={classes['values']} aria-label={name}>
        <tbody>
          {facts.map(
            ([label, value]) =>
              value !== null && (
                <tr key={label}>
                  <th scope="row">{label}</th>
                  <td title={value}>{value}</td>
                </tr>
              ),
          )}
        </tbody>
      </table>
      <Quantiles column={column} />
      {top.length > 0 && <Bars values={top} all={rows} approximate={column.topApproximate} />}
    </section>
  );
}

function writePart(count: number, rows: number): string {
  return rows === 0 ? formatNumber(count) : `${formatNumber(count)} (${formatShare(count / rows)})`;
}

function Quantiles({ column: { quantiles } }: { readonly column: ColumnProfile }) {
  if (quantiles === null) return null;
  return (
    <table className={classes['values']}>
      <caption className={classes['caption']}>{jobDetailText.quantiles}</caption>
      <tbody>
        {Object.entries(quantiles).map(([name, value]) => (
          <tr key={name}>
            <th scope="row">{jobDetailText.quantileNames[name]}</th>
            <td title={value}>{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface BarsProps {
  readonly values: ColumnProfile['top'];
  readonly all: number;
  readonly approximate: boolean;
}

function Bars({ values, all, approximate }: BarsProps) {
  const max = Math.max(...values.map(({ count }) => count));
  return (
    <table className={classes['values']}>
      <caption className={classes['caption']}>{jobDetailText.top}</caption>
      <tbody>
        {values.slice(0, 10).map(({ value, count }) => {
          const shown = formatNumber(count);
          return (
            <tr key={value}>
              <th scope="row" title={value}>
                {value}
              </th>
              <td className={classes['share']}>
                <div className={classes['bar']} style={{ width: `${(count / max) * 100}%` }} aria-hidden />
              </td>
              <td className={classes['number']} title={all === 0 ? shown : formatShare(count / all)}>
                {approximate ? jobDetailText.about(shown) : shown}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
