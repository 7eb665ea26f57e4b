// Work that waits together is done together: one batch at a time, each caller gets its own answer.

export interface Batch<Item, Answer> {
  add(item: Item): Promise<Answer>;
  /** Resolves when nothing waits and nothing is under way. */
  idle(): Promise<void>;
}

/**
 * `run` answers each item of a batch in its order: a value, or an error that only this item's caller gets.
 * What `run` throws, all of the batch get.
 */
export function createBatch<Item, Answer>(
  most: number,
  run: (items: readonly Item[]) => Promise<readonly (Answer | Error)[]>,
): Batch<Item, Answer> {
  let waiting: { item: Item; resolve(answer: Answer): void; reject(error: unknown): void }[] = [];
  let running: Promise<void> | undefined;

  async function runAll(): Promise<void> {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    while (waiting.length > 0) await runOne(waiting.splice(0, most));
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
      for (const { reject } of batch) reject(error);
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
