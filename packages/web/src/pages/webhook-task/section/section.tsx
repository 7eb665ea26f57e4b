// A group of fields with its name.
import { Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from '../task-drawer.module.css';

export function Section({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <fieldset className={classes['section']}>
      <legend className={classes['legend']}>{title}</legend>
      <Stack gap="sm">{children}</Stack>
    </fieldset>
  );
}
