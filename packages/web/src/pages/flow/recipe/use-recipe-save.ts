// Saves the SQL of a recipe, held to the version that it was begun from: what somebody else has written meanwhile is asked about.
import { useState } from 'react';
import { wrangledDatasetEndpoints } from '@flowhook/contract/flow/wrangled-dataset';
import type { Problem } from '@flowhook/client/problem';
import { toProblem } from '../../../api/api-problem.ts';
import { call } from '../../../api/call.ts';
import { useChange } from '../../../api/query.ts';
import { holdTo, isOutdated, stampOf, versionOf } from '../../../api/version.ts';
import type { OpenConflict } from '../../../parts/form/conflict-view.tsx';
import type { Draft } from '../../../parts/form/draft.ts';
import { notifyDone } from '../../../parts/page/notice.ts';
import { recipeText } from '../../../text/graph.ts';
import type { Recipe } from '../flow-part.ts';

const maxTries = 5;

interface Asked {
  readonly theirs: Draft['base'];
  readonly updatedAt: string;
  readonly updaterId: number | null;
}

/** Blank text is stored as none. */
const toStored = (sql: string) => (sql.trim() === '' ? null : sql);

export function useRecipeSave({ id, flow }: Recipe, draft: Draft) {
  const params = { id };
  const [asked, ask] = useState<Asked | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const change = useChange(wrangledDatasetEndpoints.change, { refreshes: ['/v4/flows'] });

  async function send(sql: string, base: Draft['base']): Promise<void> {
    let from = base;
    for (let tries = 1; ; tries += 1) {
      try {
        const saved = await change.mutateAsync({
          params,
          body: { sql: toStored(sql) },
          ...holdTo(from.version),
        });
        draft.noteSaved(sql, versionOf(saved));
        notifyDone(recipeText.saved);
        return;
      } catch (error) {
        if (!isOutdated(error) || tries === maxTries) throw error;
      }
      const now = await call(wrangledDatasetEndpoints.get, { params });
      const theirs = { text: now.sql ?? '', version: versionOf(now) };
      const isOther = toStored(theirs.text) !== toStored(from.text);
      if (isOther && toStored(theirs.text) !== toStored(sql)) return ask({ ...stampOf(now), theirs });
      // Another field of it was changed, which nothing here says anything about.
      from = theirs;
    }
  }

  async function save(sql: string, base: Draft['base']): Promise<void> {
    ask(null);
    setProblem(null);
    try {
      await send(sql, base);
    } catch (error) {
      setProblem(toProblem(error));
    }
  }

  /** Beside what is typed now, which may go on. */
  const conflict: OpenConflict | null = asked && {
    ...asked,
    conflicts: [{ field: 'sql', label: recipeText.sql, there: asked.theirs.text, yours: draft.text }],
    taken: [],
    flowId: flow.id,
    choose({ sql: side }) {
      ask(null);
      if (side === 'theirs') return draft.discard();
      draft.rebase(asked.theirs);
      void save(draft.text, asked.theirs);
    },
  };

  return {
    /** Another one for each question. */
    asked,
    conflict,
    problem,
    isPending: change.isPending,
    warnings: change.data?.warnings ?? [],
    save: () => void save(draft.text, draft.base),
    discard() {
      ask(null);
      draft.discard();
    },
  };
}
