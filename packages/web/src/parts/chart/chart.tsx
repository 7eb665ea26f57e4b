// A chart over time with its figures as a table; the drawing code is fetched when a chart is shown.
import { Button, Group, Skeleton, Table, Text } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { partText } from '../../text/part.ts';
import type { ChartProps } from './chart-series.ts';
import classes from './chart.module.css';
import { formatMoment } from '../time/format.ts';
import { IconChartLine, IconTable } from '../icon.ts';

const Canvas = lazy(() => import('./chart-canvas.tsx'));

export function Chart(props: ChartProps) {
  const { title, height = 200 } = props;
  const [asTable, setAsTable] = useState(false);
  const Icon = asTable ? IconChartLine : IconTable;
  return (
    <figure className={classes['chart']} aria-label={title}>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Text fw={600} component="figcaption">
          {title}
        </Text>
        <Button
          size="compact-xs"
          variant="subtle"
          className={classes['turn']}
          leftSection={<Icon size={14} aria-hidden />}
          aria-label={`${asTable ? partText.showChart : partText.showTable}: ${title}`}
          onClick={() => setAsTable(!asTable)}
        >
          {asTable ? partText.showChart : partText.showTable}
        </Button>
      </Group>
      {asTable ? (
        <Figures {...props} />
      ) : (
        <Suspense fallback={<Skeleton height={height} />}>
          <Canvas {...props} height={height} />
        </Suspense>
      )}
    </figure>
  );
}

function Figures({ title, times, series, format, height = 200 }: ChartProps) {
  return (
    <div
      className={classes['figures']}
      style={{ maxHeight: height }}
      tabIndex={0}
      role="region"
      aria-label={title}
    >
      <Table stickyHeader>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{partText.chartTime}</Table.Th>
            {series.map(({ name }) => (
              <Table.Th key={name} scope="col" ta="right">
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {times.map((time, index) => (
            <Table.Tr key={time}>
              <Table.Th scope="row">{formatMoment(time)}</Table.Th>
              {series.map(({ name, values }) => {
                const value = values[index] ?? null;
                return (
                  <Table.Td key={name} ta="right">
                    {value === null ? '–' : format(value)}
                  </Table.Td>
                );
              })}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
