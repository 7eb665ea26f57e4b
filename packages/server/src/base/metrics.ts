// Numbers for Prometheus: one registry a process; rooms add their own counters to it.
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  /** `labels` are closed lists: never ids, hosts or anything that callers choose. */
  counter<Label extends string>(name: string, help: string, labels: readonly Label[]): Counter<Label>;
  /** `read` is called at each scrape. */
  gauge(name: string, help: string, read: () => number | Promise<number>): void;
  /** Seconds; `buckets` ascending. */
  histogram<Label extends string>(
    name: string,
    help: string,
    labels: readonly Label[],
    buckets: readonly number[],
  ): Histogram<Label>;
  /** All of them as text, with its media type. */
  write(): Promise<{ text: string; type: string }>;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    counter: (name, help, labels) => new Counter({ name, help, labelNames: [...labels], registers }),
    gauge(name, help, read) {
      const gauge = new Gauge({
        name,
        help,
        registers,
        async collect() {
          this.set(await read());
        },
      });
      void gauge;
    },
    histogram: (name, help, labels, buckets) =>
      new Histogram({ name, help, labelNames: [...labels], buckets: [...buckets], registers }),
    write: async () => ({ text: await registry.metrics(), type: registry.contentType }),
  };
}
