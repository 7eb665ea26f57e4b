// The frame of pages that are seen without being signed in.
import { Paper, Stack, Title } from '@mantine/core';
import { useEffect, type ReactNode } from 'react';
import { shellText } from '../../text/shell.ts';
import classes from './entry-frame.module.css';

export function EntryFrame({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  useEffect(() => {
    document.title = shellText.pageTitle(title);
  }, [title]);
  return (
    <main className={classes['place']}>
      <div className={classes['brand']}>{shellText.product}</div>
      <Paper withBorder p="lg" radius="md" className={classes['card']}>
        <Stack>
          <Title order={1} size="h3">
            {title}
          </Title>
          {children}
        </Stack>
      </Paper>
    </main>
  );
}
