// A tiny chart of counts over time, good above bad; read out as one sentence.
import classes from './spark-bars.module.css';

export interface SparkPoint {
  readonly good: number;
  readonly bad: number;
}

interface SparkBarsProps {
  readonly points: readonly SparkPoint[];
  /** What it says, for those who don't see it; also its tooltip. */
  readonly label: string;
}

const height = 24;
const step = 4;

export function SparkBars({ points, label }: SparkBarsProps) {
  const max = Math.max(1, ...points.map(({ good, bad }) => good + bad));
  const scale = (count: number) => (count === 0 ? 0 : Math.max(2, (count / max) * height));
  return (
    <svg
      role="img"
      aria-label={label}
      width={points.length * step}
      height={height}
      className={classes['bars']}
    >
      <title>{label}</title>
      <line
        x1={0}
        x2={points.length * step}
        y1={height - 0.5}
        y2={height - 0.5}
        className={classes['ground']}
      />
      {points.map(({ good, bad }, index) => {
        const badHeight = scale(bad);
        const goodHeight = scale(good);
        return (
          // oxlint-disable-next-line react/no-array-index-key -- A bar is its place in time.
          <g key={index}>
            <rect
              className={classes['bad']}
              x={index * step}
              y={height - badHeight}
              width={step - 1}
              height={badHeight}
            />
            <rect
              className={classes['good']}
              x={index * step}
              y={Math.max(0, height - badHeight - goodHeight)}
              width={step - 1}
              height={goodHeight}
            />
          </g>
        );
      })}
    </svg>
  );
}
