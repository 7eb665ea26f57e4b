// Work that waits together is done together: one batch at a time, each caller gets its own answer.

export interface Batch<Item, Answer> {
  add(item: Item): Promise<Answer>;
  /** Resolves when nothing waits and nothing is under way. */
  idle(): Promise<void>;
}

/**
 * `run` answers each item of a batch in its order: a value, or an error that only this item's caller gets. Where it throws
 * nothing of the batch is done, and each item is run again alone, so that only the guilty one's caller gets the error; but
 * for what `concernsAll`, such as a database that is away.
 */
export function createBatch<Item, Answer>(
  max: number,
  run: (items: readonly Item[]) => Promise<readonly (Answer | Error)[]>,
  concernsAll: (error: unknown) => boolean = () => false,
): Batch<Item, Answer> {
  let waiting: { item: Item; resolve(answer: Answer): void; reject(error: unknown): void }[] = [];
  let running: Promise<void> | undefined;

  async function runAll(): Promise<void> {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    while (waiting.length > 0) await runOne(waiting.splice(0, max));
    running = undefined;
  }

  async function runOne(batch: typeof waiting): Promise<void> {
    try {
      const answers = await run(batch.map(({ item }) => item));
      for (const [index, { resolve, reject }] of batch.entries()) {
        const answer = answers[index]!;
        if (answer instanceof Error) reject(answer);
        else resolve(answer);
      }
    } catch (error) {
      if (batch.length === 1 || concernsAll(error)) for (const { reject } of batch) reject(error);
      else for (const each of batch) await runOne([each]);
    }
  }

  return {
    add(item) {
      return new Promise<Answer>((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        running ??= runAll();
      });
    },
    idle: async () => running,
  };
}
