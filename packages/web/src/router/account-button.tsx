// The button of the account menu: there at once, while the menu's code is still to come.
import { Button, type ButtonProps } from '@mantine/core';
import type { ComponentPropsWithRef } from 'react';
import type { Person } from '../api/session-store.ts';
import { IconChevronDown, IconUser } from '../parts/icon.ts';
import { shellText } from '../text/shell.ts';
import classes from './account-menu.module.css';

type AccountButtonProps = ButtonProps & ComponentPropsWithRef<'button'> & { readonly person: Person };

/** The menu hands in what makes it its target. */
export function AccountButton({ person, ...target }: AccountButtonProps) {
  return (
    <Button
      variant="subtle"
      color="gray"
      aria-label={shellText.accountOf(person.name)}
      leftSection={<IconUser size={18} aria-hidden />}
      rightSection={<IconChevronDown size={14} aria-hidden />}
      {...target}
    >
      <span className={classes['name']}>{person.name}</span>
    </Button>
  );
}
