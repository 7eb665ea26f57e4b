// The log of a job, as its engine or its reporter left it.
import { jobGroupEndpoints } from '@flowhook/contract/job/job-group';
import { useEndpoint } from '../../api/query.ts';
import { Answer } from '../../parts/page/answer.tsx';
import { CodeBlock } from '../../parts/code/code-block.tsx';
import { IconFileText } from '../../parts/icon.ts';
import { jobDetailText } from '../../text/job-detail.ts';
import type { Job } from './job-column.tsx';

export default function JobLogs({ job: { id } }: { readonly job: Job }) {
  const logs = useEndpoint(jobGroupEndpoints.logs, { params: { id } });
  return (
    <Answer
      of={logs}
      isEmpty={(text) => text.trim() === ''}
      empty={{ icon: IconFileText, title: jobDetailText.noLogsTitle, detail: jobDetailText.noLogsDetail }}
    >
      {(text) => <CodeBlock code={text} label={jobDetailText.log} wrap />}
    </Answer>
  );
}
