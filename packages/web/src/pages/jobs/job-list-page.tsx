// The job history: filters by flow, state, person, kind and time; rows are live.
import { lazy, Suspense, useState } from 'react';
import { jobGroupEndpoints } from '@flowhook/contract/job/job-group';
import { useRows } from '../../api/query.ts';
import { useChangeSearch, useSearchTexts } from '../../parts/page/address.ts';
import { Answer, Loading } from '../../parts/page/answer.tsx';
import { DataTable } from '../../parts/table/data-table.tsx';
import { IconBolt, IconSearch } from '../../parts/icon.ts';
import { PageFrame } from '../../parts/page/page-frame.tsx';
import { PageButton } from '../../parts/page/page-link.tsx';
import { jobText } from '../../text/job.ts';
import { partText } from '../../text/part.ts';
import { jobColumns } from './job-column.tsx';
import { isFiltered, toQuery } from './job-query.ts';

const JobFilter = lazy(() => import('./job-filter.tsx'));

export default function JobListPage() {
  const search = useSearchTexts();
  const changeSearch = useChangeSearch();
  const { sort = '-id' } = search;
  // Only the newest first has a cursor: rows that come in meanwhile move no page.
  const byCursor = sort === '-id';
  // Counted from when the page was opened: a time that moves on would ask anew all the time.
  const [now] = useState(() => Date.now());
  const jobs = useRows(
    jobGroupEndpoints.list,
    { query: { ...toQuery(search, now), embed: 'flow,wrangledDataset,creator', sort } },
    byCursor ? { cursorOf: ({ id }) => id } : {},
  );
  const filtered = isFiltered(search);
  return (
    <PageFrame title={jobText.title} width="wide">
      <Suspense fallback={<Loading lines={1} />}>
        <JobFilter search={search} onChange={changeSearch} />
      </Suspense>
      <Answer
        of={jobs}
        isEmpty={(rows) => rows.length === 0}
        empty={
          filtered
            ? { icon: IconSearch, title: partText.noMatchTitle, detail: partText.noMatchDetail }
            : {
                icon: IconBolt,
                title: jobText.emptyTitle,
                detail: jobText.emptyDetail,
                action: <PageButton to="/flows">{jobText.openFlows}</PageButton>,
              }
        }
      >
        {(rows) => (
          <DataTable
            label={jobText.list}
            columns={jobColumns}
            rows={rows}
            idOf={({ id }) => id}
            sort={sort}
            onSort={(value) => changeSearch({ sort: value })}
            hasMore={jobs.hasNextPage}
            loadingMore={jobs.isFetchingNextPage}
            onMore={() => void jobs.fetchNextPage()}
            onLook={jobs.look}
          />
        )}
      </Answer>
    </PageFrame>
  );
}
