// My access tokens: list, make (the value is shown once), revoke.
import { Button, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { lazy, Suspense, useState } from 'react';
import type { z } from 'zod';
import { accessTokenEndpoints, type accessToken } from '@flowhook/contract/person/access-token';
import { useChange, useEndpoint } from '../../api/query.ts';
import { Answer } from '../../parts/page/answer.tsx';
import { ConfirmDialog } from '../../parts/form/confirm-dialog.tsx';
import { DataTable, type Column } from '../../parts/table/data-table.tsx';
import { IconKey, IconPlus } from '../../parts/icon.ts';
import { Moment } from '../../parts/time/moment.tsx';
import { notifyDone } from '../../parts/page/notice.ts';
import { PageFrame } from '../../parts/page/page-frame.tsx';
import { sessionText, tokenText } from '../../text/session.ts';

const NewTokenDialog = lazy(() => import('./new-token-dialog.tsx'));

type Token = z.output<typeof accessToken>;

export default function TokenPage() {
  const tokens = useEndpoint(accessTokenEndpoints.list, { query: { noLimit: 'true' } });
  const [making, make] = useDisclosure();
  const [leaving, setLeaving] = useState<Token | null>(null);
  const create = (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={make.open}>
      {tokenText.create}
    </Button>
  );
  return (
    <PageFrame
      title={tokenText.title}
      description={tokenText.detail}
      crumbs={[{ label: sessionText.accountTitle, to: '/account' }]}
      actions={create}
    >
      <Answer
        of={tokens}
        isEmpty={({ data }) => data.length === 0}
        empty={{ icon: IconKey, title: tokenText.emptyTitle, detail: tokenText.emptyDetail }}
      >
        {({ data }) => (
          <DataTable
            label={tokenText.list}
            columns={columnsOf(setLeaving)}
            rows={data}
            idOf={({ tokenId }) => tokenId}
          />
        )}
      </Answer>
      <Suspense fallback={null}>{making && <NewTokenDialog onClose={make.close} />}</Suspense>
      <RevokeDialog token={leaving} onClose={() => setLeaving(null)} />
    </PageFrame>
  );
}

function nameOf({ description }: Token): string {
  return description === '' ? tokenText.none : description;
}

function columnsOf(onRevoke: (token: Token) => void): readonly Column<Token>[] {
  return [
    { key: 'description', title: tokenText.description, width: 'minmax(0, 2fr)', cell: nameOf },
    { key: 'reach', title: tokenText.reach, cell: (token) => <Reach token={token} /> },
    { key: 'createdAt', title: tokenText.createdAt, cell: ({ createdAt }) => <Moment at={createdAt} /> },
    { key: 'lastUsed', title: tokenText.lastUsed, cell: ({ lastUsed }) => <Moment at={lastUsed} /> },
    { key: 'expires', title: tokenText.expires, cell: ({ expiredAt }) => <Moment at={expiredAt} /> },
    {
      key: 'actions',
      title: tokenText.revoke,
      hideTitle: true,
      width: '6.5rem',
      align: 'end',
      cell: (token) => (
        <Button
          size="compact-sm"
          variant="subtle"
          color="red"
          aria-label={tokenText.revokeOf(nameOf(token))}
          onClick={() => onRevoke(token)}
        >
          {tokenText.revoke}
        </Button>
      ),
    },
  ];
}

function Reach({ token: { readOnly, flowIds } }: { readonly token: Token }) {
  return (
    <>
      {readOnly ? tokenText.readsOnly : tokenText.changes}
      {flowIds !== null && (
        <Text size="xs" c="dimmed">
          {tokenText.narrowed(flowIds.length)}
        </Text>
      )}
    </>
  );
}

function RevokeDialog({ token, onClose }: { readonly token: Token | null; onClose(): void }) {
  const remove = useChange(accessTokenEndpoints.remove, {
    onDone: () => {
      notifyDone(tokenText.revoked);
      onClose();
    },
  });
  return (
    <ConfirmDialog
      opened={token !== null}
      title={tokenText.revokeTitle}
      confirmLabel={tokenText.revoke}
      pending={remove.isPending}
      problem={remove.error}
      onConfirm={() => token && remove.mutate({ params: { tokenId: token.tokenId } })}
      onClose={onClose}
    >
      {token && tokenText.revokeDetail(nameOf(token))}
    </ConfirmDialog>
  );
}
