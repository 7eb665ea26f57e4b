// The data flow of what ran, by the plan that was frozen when the job started.
import { Stack, Text, UnstyledButton } from '@mantine/core';
import { useLayoutEffect, useRef, useState, type RefObject } from 'react';
import { jobContentEndpoints } from '@flowhook/contract/job-content';
import { useEndpoint } from '../../api/query.ts';
import { Answer } from '../../parts/answer.tsx';
import { CodeBlock } from '../../parts/code-block.tsx';
import { FactList } from '../../parts/fact-list.tsx';
import { IconRoute } from '../../parts/icon.ts';
import { Message } from '../../parts/message.tsx';
import { jobDetailText } from '../../text/job-detail.ts';
import type { Job } from './job-column.tsx';
import classes from './job-page.module.css';
import { layOutPlan, type PlanGraph, type PlanNode } from './plan-layer.ts';

export default function JobGraph({ job: { id, external } }: { readonly job: Job }) {
  const graph = useEndpoint(jobContentEndpoints.graph, { params: { id } }, { enabled: !external });
  if (external)
    return (
      <Message icon={IconRoute} title={jobDetailText.noGraphTitle} detail={jobDetailText.noGraphDetail} />
    );
  return <Answer of={graph}>{(data) => <Plan graph={data} />}</Answer>;
}

function Plan({ graph }: { readonly graph: PlanGraph }) {
  const [chosen, setChosen] = useState(graph.data.find(({ isOutput }) => isOutput)?.name);
  const box = useRef<HTMLDivElement>(null);
  const paths = useLines(box, graph);
  const node = graph.data.find(({ name }) => name === chosen);
  return (
    <Stack>
      <div ref={box} className={classes['graph']} role="group" aria-label={jobDetailText.graphLabel}>
        <Lines paths={paths} />
        {layOutPlan(graph).map((layer) => (
          <ul key={layer[0]!.name} className={classes['layer']}>
            {layer.map((each) => (
              <li key={each.name}>
                <Node
                  node={each}
                  graph={graph}
                  chosen={each.name === chosen}
                  onChoose={() => setChosen(each.name)}
                />
              </li>
            ))}
          </ul>
        ))}
      </div>
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
    <UnstyledButton className={classes['node']} data-node={name} aria-pressed={chosen} onClick={onChoose}>
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

/** Drawn where the nodes have come to stand. */
function useLines(box: RefObject<HTMLDivElement | null>, graph: PlanGraph): readonly string[] {
  const [paths, setPaths] = useState<readonly string[]>([]);
  useLayoutEffect(() => {
    const draw = () => setPaths(box.current === null ? [] : drawLines(box.current, graph));
    draw();
    window.addEventListener('resize', draw);
    return () => window.removeEventListener('resize', draw);
  }, [box, graph]);
  return paths;
}

function Lines({ paths }: { readonly paths: readonly string[] }) {
  return (
    <svg className={classes['lines']} width="100%" height="100%" aria-hidden>
      {paths.map((path) => (
        <path key={path} d={path} fill="none" stroke="currentColor" strokeWidth={1.5} />
      ))}
    </svg>
  );
}

function drawLines(box: HTMLElement, { edges }: PlanGraph): string[] {
  const frame = box.getBoundingClientRect();
  const place = (name: string) => {
    const rect = box.querySelector(`[data-node="${CSS.escape(name)}"]`)?.getBoundingClientRect();
    const middle = rect === undefined ? 0 : rect.top + rect.height / 2 - frame.top;
    const shift = box.scrollLeft - frame.left;
    return rect && { left: rect.left + shift, right: rect.right + shift, middle };
  };
  return edges.flatMap(({ source, target }) => {
    const [from, to] = [place(source), place(target)];
    if (!from || !to) return [];
    const bend = (from.right + to.left) / 2;
    return [
      `M${from.right},${from.middle} C${bend},${from.middle} ${bend},${to.middle} ${to.left},${to.middle}`,
    ];
  });
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
