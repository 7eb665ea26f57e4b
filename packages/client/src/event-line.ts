// Pure: the text of a stream of server-sent events, read as it comes.

/** What stood between two empty lines. */
export interface EventBlock {
  /** Where to go on from; undefined where it says nothing of that. */
  readonly id: string | undefined;
  /** `message` unless given. */
  readonly event: string;
  /** Empty where it only moves the id on. */
  readonly data: string;
  /** How long to wait before the stream is opened again, milliseconds. */
  readonly retryMs: number | undefined;
}

/** Returns a function that takes the next piece of text, cut anywhere, and answers the blocks that are whole now. */
export function createBlockReader(): (text: string) => EventBlock[] {
  let rest = '';
  let lines: string[] = [];
  return (text) => {
    const blocks: EventBlock[] = [];
    const all = (rest + text).split('\n');
    rest = all.pop() ?? '';
    for (const line of all.map((each) => each.replace(/\r$/u, ''))) {
      if (line !== '') lines.push(line);
      else {
        if (lines.length > 0) blocks.push(readBlock(lines));
        lines = [];
      }
    }
    return blocks;
  };
}

function readBlock(lines: readonly string[]): EventBlock {
  const valuesOf = (name: string) =>
    lines.flatMap((line) => {
      const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/su.exec(line) ?? [];
      return field === name ? [value] : [];
    });
  const retry = valuesOf('retry').at(-1) ?? '';
  return {
    id: valuesOf('id').at(-1),
    event: valuesOf('event').at(-1) ?? 'message',
    data: valuesOf('data').join('\n'),
    retryMs: /^\d{1,9}$/u.test(retry) ? Number(retry) : undefined,
  };
}
