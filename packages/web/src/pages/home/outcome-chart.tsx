// Attempts a minute by what they came to.
import { useMemo } from 'react';
import { Chart } from '../../parts/chart/chart.tsx';
import type { Series } from '../../parts/chart/chart-series.ts';
import { formatRate } from '../../parts/time/format.ts';
import { useNow } from '../../parts/time/now.ts';
import { homeText } from '../../text/home.ts';
import { outcomes, readRates, type Outcome, type Statistics } from './statistics.ts';

const looks: Readonly<Record<Outcome, Pick<Series, 'tone' | 'dashed'>>> = {
  delivered: { tone: 'good' },
  retried: { tone: 'waiting', dashed: true },
  dead: { tone: 'bad' },
  blocked: { tone: 'bad', dashed: true },
  canceled: { tone: 'quiet', dashed: true },
};
const minuteMs = 60_000;

function format(rate: number): string {
  return homeText.perMinute(formatRate(rate));
}

export function OutcomeChart({ statistics }: { readonly statistics: Statistics }) {
  const now = useNow(minuteMs);
  const { times, series } = useMemo(() => {
    // What did not happen needs no line; delivered is what everybody looks for.
    const shown = outcomes.filter((outcome) => outcome === 'delivered' || statistics.attempts[outcome] > 0);
    return {
      times: statistics.series.map(({ at }) => Date.parse(at)),
      series: shown.map((outcome) => ({
        name: homeText.outcomes[outcome],
        values: readRates(statistics, outcome, now),
        ...looks[outcome],
      })),
    };
  }, [statistics, now]);
  return <Chart title={homeText.chart} times={times} series={series} format={format} height={220} />;
}
