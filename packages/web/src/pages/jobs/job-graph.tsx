// The data flow of what ran, by the plan that was frozen when the job started.
import { Stack, Text, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import type { z } from 'zod';
import { jobContentEndpoints, type jobGraph } from '@flowhook/contract/job/job-content';
import { useEndpoint } from '../../api/query.ts';
import { Answer } from '../../parts/page/answer.tsx';
import { CodeBlock } from '../../parts/code/code-block.tsx';
import { FactList } from '../../parts/table/fact-list.tsx';
import { layOutLayers } from '../../parts/graph/graph-layer.ts';
import { IconRoute } from '../../parts/icon.ts';
import { LayeredGraph } from '../../parts/graph/layered-graph.tsx';
import { Message } from '../../parts/page/message.tsx';
import { jobDetailText } from '../../text/job-detail.ts';
import type { Job } from './job-column.tsx';
import classes from './job-page.module.css';

type PlanGraph = z.output<typeof jobGraph>;
type PlanNode = PlanGraph['data'][number];

export default function JobGraph({ job: { id, external } }: { readonly job: Job }) {
  const graph = useEndpoint(jobContentEndpoints.graph, { params: { id } }, { enabled: !external });
  if (external)
    return (
      <Message icon={IconRoute} title={jobDetailText.noGraphTitle} detail={jobDetailText.ranElsewhere} />
    );
  return <Answer of={graph}>{(data) => <Plan graph={data} />}</Answer>;
}

function Plan({ graph }: { readonly graph: PlanGraph }) {
  const [chosen, setChosen] = useState(graph.data.find(({ isOutput }) => isOutput)?.name);
  const layers = layOutLayers(
    graph.data.map(({ name }) => name),
    graph.edges,
  );
  const node = graph.data.find(({ name }) => name === chosen);
  return (
    <Stack>
      <LayeredGraph label={jobDetailText.graphLabel} layers={layers} edges={graph.edges}>
        {(name) => (
          <Node
            node={graph.data.find((each) => each.name === name)!}
            graph={graph}
            chosen={name === chosen}
            onChoose={() => setChosen(name)}
          />
        )}
      </LayeredGraph>
      {node !== undefined && <Detail node={node} files={node.isOutput ? graph.files : []} />}
    </Stack>
  );
}

interface NodeProps {
  readonly node: PlanNode;
  readonly graph: PlanGraph;
  readonly chosen: boolean;
  onChoose(): void;
}

function Node({ node: { name, kind, isOutput }, graph: { edges }, chosen, onChoose }: NodeProps) {
  const sources = edges.filter(({ target }) => target === name).map(({ source }) => source);
  const reads = sources.length === 0 ? jobDetailText.readsNothing : jobDetailText.reads(sources.join(', '));
  return (
    <UnstyledButton className={classes['node']} aria-pressed={chosen} onClick={onChoose}>
      <Text fw={600} truncate>
        {name}
      </Text>
      <Text size="xs" c="dimmed" truncate>
        {[
          isOutput ? jobDetailText.output : kind === 'dataset' ? jobDetailText.dataset : jobDetailText.recipe,
          reads,
        ].join(' · ')}
      </Text>
    </UnstyledButton>
  );
}

function Detail({ node, files }: { readonly node: PlanNode; readonly files: PlanGraph['files'] }) {
  const { name, kind, sql, uris } = node;
  const facts = [
    ...uris.map((uri) => ({ label: jobDetailText.file, value: uri })),
    ...files.map(({ path, format }) => ({ label: jobDetailText.writesTo, value: `${path} (${format})` })),
  ];
  return (
    <section className={classes['card']} aria-label={name}>
      <Text fw={600} mb="xs">
        {name}
      </Text>
      {kind === 'recipe' &&
        (sql === null ? (
          <Text>{jobDetailText.passesOn}</Text>
        ) : (
          <CodeBlock code={sql} label={jobDetailText.sqlOf(name)} />
        ))}
      {facts.length > 0 && <FactList facts={facts} />}
    </section>
  );
}
