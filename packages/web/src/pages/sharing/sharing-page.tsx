// Who has which role on a flow: shown to all who see it, changed by who owns it.
import { Button, Text, Title } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { flowRoles } from '@flowhook/contract/flow/flow-permission';
import { useRightsOn } from '../../api/flow-right.ts';
import { useEndpoint } from '../../api/query.ts';
import { hasRole, usePerson } from '../../api/session-store.ts';
import { useGo, useIdParam } from '../../parts/page/address.ts';
import { Answer } from '../../parts/page/answer.tsx';
import { DataTable } from '../../parts/table/data-table.tsx';
import { FactList } from '../../parts/table/fact-list.tsx';
import { usePermissions, type Permission } from '../../parts/flow-permission.ts';
import { IconPlus } from '../../parts/icon.ts';
import { PageFrame } from '../../parts/page/page-frame.tsx';
import { flowText } from '../../text/flow.ts';
import { sharingText as text } from '../../text/sharing.ts';
import { permissionColumns } from './permission-column.tsx';
import type { Doing } from './shared-with.ts';

const AddPersonDialog = lazy(() => import('./add-person-dialog.tsx'));
const HandOverDialog = lazy(() => import('./hand-over-dialog.tsx'));
const TakeDialog = lazy(() => import('./take-dialog.tsx'));

export default function SharingPage() {
  const flowId = useIdParam();
  const me = usePerson();
  const go = useGo();
  const flow = useEndpoint(flowEndpoints.get, { params: { id: flowId } });
  const permissions = usePermissions(flowId);
  const mayShare = useRightsOn(flow.data).own;
  const [doing, setDoing] = useState<Doing | { readonly what: 'add' } | null>(null);
  const close = () => setDoing(null);
  const owner = permissions.data?.data[0]?.person;
  const add = (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setDoing({ what: 'add' })}>
      {text.add}
    </Button>
  );
  return (
    <PageFrame
      title={text.title}
      description={text.detail}
      crumbs={[
        { label: flowText.title, to: '/flows' },
        { label: flow.data?.name ?? flowText.oneTitle, to: `/flows/${flowId}` },
      ]}
      actions={mayShare && add}
    >
      <Answer of={permissions} lines={3}>
        {({ data }) => (
          <>
            {!mayShare && (
              <Text size="sm">
                {owner?.id === me.id && !hasRole(me, 'author') ? text.workspaceViewer : text.lookingOn}
              </Text>
            )}
            <DataTable
              label={text.list}
              columns={permissionColumns({ flowId, meId: me.id, mayShare, onDo: setDoing })}
              rows={data}
              idOf={idOf}
            />
            <Meaning />
          </>
        )}
      </Answer>
      <Suspense fallback={null}>
        {doing?.what === 'add' && <AddPersonDialog flowId={flowId} onClose={close} />}
        {doing?.what === 'handOver' && owner !== undefined && (
          <HandOverDialog flowId={flowId} owner={owner} person={doing.person} onClose={close} />
        )}
        {doing?.what === 'take' && (
          <TakeDialog flowId={flowId} person={doing.person} onClose={close} onLeft={() => go('/flows')} />
        )}
      </Suspense>
    </PageFrame>
  );
}

function idOf({ person }: Permission): number {
  return person.id;
}

function Meaning() {
  return (
    <section aria-label={text.meaningTitle}>
      <Title order={2} size="h5" mb="xs">
        {text.meaningTitle}
      </Title>
      <FactList facts={flowRoles.map((role) => ({ label: text.roles[role], value: text.meaning[role] }))} />
      <Text size="sm" c="dimmed" mt="xs">
        {text.meaningBound}
      </Text>
    </section>
  );
}
