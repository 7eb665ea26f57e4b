// Lists the jobs that failed, however many there are, and says what is wrong where it is refused.

import { createClient, Problem } from '@flowhook/client';

export async function listFailed(server: string, token: string, since: string): Promise<string[]> {
  const flowhook = createClient({ server, credentials: { token }, timeLimitMs: 10_000 });
  const lines: string[] = [];
  try {
    const query = { status: 'Failed', from: since, limit: 100 };
    for await (const job of flowhook.jobGroup.list.each({ query }))
      lines.push(`${job.createdAt} ${job.name ?? job.id}`);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    // `code` is a word from a closed list, `field` the first field at fault; `isPassing` means: try again later.
    lines.push(`${error.code} ${error.field ?? ''}: ${error.detail}`);
  }
  return lines;
}
