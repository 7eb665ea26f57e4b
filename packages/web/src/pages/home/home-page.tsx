// Home: how deliveries and jobs are doing; where nothing is yet, what to do first.
import { SegmentedControl } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { statisticsEndpoints } from '@flowhook/contract/webhook/statistics';
import { useEndpoint } from '../../api/query.ts';
import { useChangeSearch, useSearchTexts } from '../../parts/page/address.ts';
import { Answer, Loading } from '../../parts/page/answer.tsx';
import { useNow } from '../../parts/time/now.ts';
import { PageFrame } from '../../parts/page/page-frame.tsx';
import {
  readTimeRange,
  startOfRange,
  timeRangeNames,
  timeRanges,
  type TimeRange,
} from '../../parts/time/time-range.ts';
import { homeText } from '../../text/home.ts';
import { timeRangeText } from '../../text/time-range.ts';
import { Figures } from './figures.tsx';
import { FirstFlow, NextSteps } from './first-steps.tsx';
import { StoppedSchedules } from './stopped-schedules.tsx';
import { OutcomeChart } from './outcome-chart.tsx';
import { isQuiet, type Statistics } from './statistics.ts';

// The table's code is a tenth of the first load.
const FailingReceivers = lazy(() => import('./failing-receivers.tsx'));

const usual: TimeRange = '24h';
const minuteMs = 60_000;

export default function HomePage() {
  const { range: asked } = useSearchTexts();
  const range = readTimeRange(asked) ?? usual;
  const changeSearch = useChangeSearch();
  // The range moves along by the minute, and what is new in between the event stream tells.
  const from = startOfRange(range, useNow(minuteMs));
  const { stepSeconds } = timeRanges[range];
  const statistics = useEndpoint(
    statisticsEndpoints.get,
    { query: { from, stepSeconds } },
    { keepPrevious: true },
  );
  const flows = useEndpoint(flowEndpoints.list, { query: { limit: 1, sort: '-updatedAt' } });
  const hasNoFlow = flows.data?.data.length === 0;
  const choice = (
    <SegmentedControl
      aria-label={homeText.range}
      value={range}
      onChange={(value) => changeSearch({ range: value === usual ? undefined : value })}
      data={timeRangeNames.map((value) => ({ value, label: timeRangeText[value].short }))}
    />
  );
  return (
    <PageFrame title={homeText.title} actions={!hasNoFlow && choice}>
      {hasNoFlow ? (
        <FirstFlow />
      ) : (
        <Answer of={statistics} lines={12}>
          {(data) => <Overview statistics={data} range={range} flow={flows.data?.data[0]} />}
        </Answer>
      )}
    </PageFrame>
  );
}

interface OverviewProps {
  readonly statistics: Statistics;
  readonly range: TimeRange;
  /** The one that was changed last. */
  readonly flow: { readonly id: number; readonly name: string } | undefined;
}

function Overview({ statistics, range, flow }: OverviewProps) {
  return (
    <>
      <StoppedSchedules />
      <Figures statistics={statistics} range={range} />
      {isQuiet(statistics) ? (
        <NextSteps flow={flow} />
      ) : (
        <>
          <OutcomeChart statistics={statistics} />
          <Suspense fallback={<Loading lines={3} />}>
            <FailingReceivers receivers={statistics.failingReceivers} range={range} />
          </Suspense>
        </>
      )}
    </>
  );
}
