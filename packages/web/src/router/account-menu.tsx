// The account menu: own pages, colours, sign-out.
import { Menu, Text, useMantineColorScheme } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { sessionEndpoints } from '@flowhook/contract/person/session';
import { call } from '../api/call.ts';
import { noteSignedOut, type Person } from '../api/session-store.ts';
import { ConfirmDialog } from '../parts/form/confirm-dialog.tsx';
import { hasDrafts, removeDrafts } from '../parts/form/draft-store.ts';
import { useGo } from '../parts/page/address.ts';
import { IconKey, IconLogout, IconUser } from '../parts/icon.ts';
import { notifyProblem } from '../parts/page/notice.ts';
import { shellText } from '../text/shell.ts';
import { AccountButton } from './account-button.tsx';
import classes from './account-menu.module.css';

/** Opens at once: it is drawn in place of the button that was pressed, which has the focus again when it closes. */
export default function AccountMenu({ person }: { readonly person: Person }) {
  const target = useRef<HTMLButtonElement>(null);
  const [opened, setOpened] = useState(false);
  useEffect(() => {
    target.current?.focus();
    target.current?.click();
  }, []);
  const go = useGo();
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const signOut = async () => {
    setAsking(false);
    try {
      await call(sessionEndpoints.remove, {}, { atSessionEnd: 'throw' });
    } catch (error) {
      notifyProblem(error);
      return;
    }
    removeDrafts(person.id);
    client.clear();
    noteSignedOut();
    go('/sign-in');
  };
  return (
    <>
      <ConfirmDialog
        opened={asking}
        title={shellText.draftsTitle}
        confirmLabel={shellText.signOut}
        onConfirm={() => void signOut()}
        onClose={() => setAsking(false)}
      >
        {shellText.draftsDetail}
      </ConfirmDialog>
      <Menu
        opened={opened}
        onChange={setOpened}
        position="bottom-end"
        width={250}
        withinPortal
        keepMounted={false}
      >
        <Menu.Target>
          <AccountButton ref={target} person={person} />
        </Menu.Target>
        <Menu.Dropdown>
          <div className={classes['who']}>
            <Text size="sm" fw={600} truncate>
              {person.email}
            </Text>
            <Text size="xs" c="dimmed">
              {shellText.roles[person.role]}
            </Text>
          </div>
          <Menu.Divider />
          <Menu.Item leftSection={<IconUser size={16} aria-hidden />} onClick={() => go('/account')}>
            {shellText.myAccount}
          </Menu.Item>
          <Menu.Item leftSection={<IconKey size={16} aria-hidden />} onClick={() => go('/account/tokens')}>
            {shellText.accessTokens}
          </Menu.Item>
          <Menu.Divider />
          <Colours />
          <Menu.Divider />
          <Menu.Item
            leftSection={<IconLogout size={16} aria-hidden />}
            onClick={() => (hasDrafts(person.id) ? setAsking(true) : void signOut())}
          >
            {shellText.signOut}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

function Colours() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const options = [
    { value: 'light', label: shellText.light },
    { value: 'dark', label: shellText.dark },
    { value: 'auto', label: shellText.auto },
  ];
  return options.map(({ value, label }) => (
    <Menu.Item
      key={value}
      // The library's items are plain ones, which can't be checked.
      aria-current={colorScheme === value}
      closeMenuOnClick={false}
      className={classes['colour']}
      data-chosen={colorScheme === value}
      onClick={() => setColorScheme(value as 'light' | 'dark' | 'auto')}
    >
      {label}
    </Menu.Item>
  ));
}
