// What the job history is narrowed to; it stands in the address.
import { NativeSelect } from '@mantine/core';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { jobStatuses } from '@flowhook/contract/job/job-group';
import { personEndpoints } from '@flowhook/contract/person/person';
import { useEndpoint } from '../../api/query.ts';
import { hasRole, usePerson } from '../../api/session-store.ts';
import { FilterBar } from '../../parts/form/filter-bar.tsx';
import { jobText } from '../../text/job.ts';
import { stateText } from '../../text/state.ts';
import { filterNames, isFiltered, type FilterName, type Search } from './job-query.ts';

interface JobFilterProps {
  readonly search: Search;
  onChange(change: Search): void;
}

export default function JobFilter({ search, onChange }: JobFilterProps) {
  const flows = useEndpoint(
    flowEndpoints.list,
    { query: { limit: 1000, sort: 'name' } },
    { staleTime: 60_000 },
  );
  const choices = (flows.data?.data ?? []).map(({ id, name }) => ({ value: String(id), label: name }));
  return (
    <FilterBar
      search={{
        label: jobText.search,
        value: search['filter'] ?? '',
        onChange: (filter) => onChange({ filter }),
      }}
      active={isFiltered(search)}
      onClear={() => onChange(Object.fromEntries(filterNames.map((name) => [name, undefined])))}
    >
      <Choice
        name="flow"
        label={jobText.flow}
        all={jobText.allFlows}
        data={choices}
        {...{ search, onChange }}
      />
      <Choice
        name="status"
        label={jobText.state}
        all={jobText.allStates}
        data={jobStatuses.map((value) => ({ value, label: stateText[value] ?? value }))}
        {...{ search, onChange }}
      />
      <Person {...{ search, onChange }} />
      <Choice
        name="kind"
        label={jobText.kind}
        all={jobText.allKinds}
        data={toData(jobText.kinds)}
        {...{ search, onChange }}
      />
      <Choice
        name="starter"
        label={jobText.starter}
        all={jobText.allStarters}
        data={toData(jobText.starters)}
        {...{ search, onChange }}
      />
      <Choice
        name="since"
        label={jobText.time}
        all={jobText.allTimes}
        data={toData(jobText.times)}
        {...{ search, onChange }}
      />
    </FilterBar>
  );
}

interface ChoiceProps extends JobFilterProps {
  readonly name: FilterName;
  readonly label: string;
  /** The entry that narrows nothing. */
  readonly all: string;
  readonly data: readonly { readonly value: string; readonly label: string }[];
}

function Choice({ name, label, all, data, search, onChange }: ChoiceProps) {
  return (
    <NativeSelect
      label={label}
      size="xs"
      maw={190}
      value={search[name] ?? ''}
      onChange={({ currentTarget }) => onChange({ [name]: currentTarget.value })}
      data={[{ value: '', label: all }, ...data]}
    />
  );
}

/** Administrators choose among all people, everybody else between everybody and themselves. */
function Person(props: JobFilterProps) {
  const me = usePerson();
  const mayList = hasRole(me, 'administrator');
  const people = useEndpoint(
    personEndpoints.list,
    { query: { limit: 1000 } },
    { enabled: mayList, staleTime: 60_000 },
  );
  const others = (people.data?.data ?? []).filter(({ id }) => id !== me.id);
  const data = [
    { value: String(me.id), label: jobText.me },
    ...others.map(({ id, name, email }) => ({ value: String(id), label: name === '' ? email : name })),
  ];
  return <Choice name="person" label={jobText.person} all={jobText.anyone} data={data} {...props} />;
}

function toData(words: Readonly<Record<string, string>>) {
  return Object.entries(words).map(([value, label]) => ({ value, label }));
}
