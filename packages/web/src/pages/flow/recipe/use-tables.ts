// The names that SQL in a flow can use, with their columns, for completion.
import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import { importedDatasetEndpoints } from '@flowhook/contract/flow/imported-dataset';
import { wrangledDatasetEndpoints } from '@flowhook/contract/flow/wrangled-dataset';
import { call } from '../../../api/call.ts';
import { keyOf, useEndpoint } from '../../../api/query.ts';
import type { FlowGraphAnswer } from '../../../parts/graph/graph-layout.ts';

type Tables = Readonly<Record<string, readonly string[]>>;
interface Named {
  readonly name: string;
  readonly columns: readonly { readonly name: string }[] | null;
}

export function useTables(flowId: number, { data }: FlowGraphAnswer): Tables {
  const recipes = useEndpoint(wrangledDatasetEndpoints.list, { query: { flowId, noLimit: 'true' } });
  const ids = data.flatMap(({ importedDataset, withheld }) =>
    importedDataset && withheld === null ? [importedDataset.id] : [],
  );
  const datasets = useQueries({
    queries: ids.map((id) => ({
      queryKey: keyOf(importedDatasetEndpoints.get, { params: { id } }),
      queryFn: () => call(importedDatasetEndpoints.get, { params: { id } }),
    })),
    combine: (results) => results.flatMap(({ data: found }): Named[] => (found ? [found] : [])),
  });
  return useMemo(() => {
    const all: readonly Named[] = [...datasets, ...(recipes.data?.data ?? [])];
    return Object.fromEntries(
      all.map(({ name, columns }) => [name, (columns ?? []).map((each) => each.name)]),
    );
  }, [datasets, recipes.data]);
}
