// Draws a chart with uPlot, in the colours of the theme, as wide as its place.
import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { ChartProps, Series } from './chart-series.ts';
import classes from './chart.module.css';
import { formatTick } from '../time/format.ts';

export default function ChartCanvas({ times, series, format, height = 200, kind = 'line' }: ChartProps) {
  const { ref: size, width } = useElementSize();
  const place = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme();
  useEffect(() => {
    const element = place.current;
    if (element === null || width === 0) return undefined;
    const colour = (name: string) => readColour(element, name, scheme);
    const axis = { stroke: colour('text'), grid: { stroke: colour('grid') }, ticks: { show: false } };
    const bars = kind === 'bars' ? { paths: uPlot.paths.bars!({ size: [0.7, 60] }) } : {};
    const plot = new uPlot(
      {
        width,
        height,
        legend: { show: false },
        cursor: { y: false },
        axes: [
          { ...axis, size: 32, values: writeTicks },
          { ...axis, size: 60, values: (_, splits) => splits.map(format) },
        ],
        series: [{}, ...series.map((each) => ({ ...draw(each, colour), ...bars }))],
      },
      [times.map((time) => time / 1000), ...series.map(({ values }) => [...values])],
      element,
    );
    return () => plot.destroy();
  }, [times, series, format, height, kind, width, scheme]);
  return (
    <div ref={size} className={classes['canvas']}>
      <div ref={place} style={{ height }} aria-hidden />
      <div className={classes['legend']}>
        {series.map(({ name, tone, dashed }) => (
          <span key={name}>
            <span
              className={classes['swatch']}
              data-dashed={dashed === true}
              style={{ borderColor: `var(--chart-${tone})` }}
            />
            {name}
          </span>
        ))}
      </div>
    </div>
  );
}

/** In the viewer's own format: uPlot's is that of the United States. */
function writeTicks(_: uPlot, splits: number[], _axis: number, _space: number, step: number): string[] {
  return splits.map((at) => formatTick(at * 1000, step * 1000));
}

function draw({ tone, dashed }: Series, colour: (name: string) => string): uPlot.Series {
  const stroke = colour(tone);
  return { stroke, fill: `${stroke}22`, width: 2, points: { show: false }, ...(dashed && { dash: [6, 4] }) };
}

/** A canvas takes no custom property: the browser is asked what it comes to. */
function readColour(element: HTMLElement, name: string, scheme: 'light' | 'dark'): string {
  const probe = document.createElement('span');
  probe.style.color = `var(--chart-${name})`;
  probe.style.colorScheme = scheme;
  element.append(probe);
  const [red = 0, green = 0, blue = 0] = (getComputedStyle(probe).color.match(/\d+/gu) ?? []).map(Number);
  probe.remove();
  return `#${[red, green, blue].map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}
