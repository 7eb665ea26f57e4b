// The shell: skip link, header with account menu, navigation by role, and the page.
import { Burger, Group, NavLink, Tooltip } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { createLink, useRouterState } from '@tanstack/react-router';
import {
  forwardRef,
  lazy,
  startTransition,
  Suspense,
  useEffect,
  useState,
  type ComponentType,
  type ReactNode,
} from 'react';
import { hasRole, type Person } from '../api/session-store.ts';
import { useLive, useLiveState } from '../live/live.ts';
import { IconBolt, IconHome, IconRefresh, IconRoute, IconSend, IconSettings } from '../parts/icon.ts';
import { PageLink } from '../parts/page/page-link.tsx';
import { shellText } from '../text/shell.ts';
import { AccountButton } from './account-button.tsx';
import { pages, type Section } from './page-list.ts';
import classes from './shell.module.css';

const fetchMenu = () => import('./account-menu.tsx');
const AccountMenu = lazy(fetchMenu);

const icons: Readonly<
  Record<Section, ComponentType<{ size?: number; stroke?: number; 'aria-hidden'?: boolean }>>
> = { home: IconHome, flows: IconRoute, jobs: IconBolt, deliveries: IconSend, settings: IconSettings };

interface ShellProps {
  readonly person: Person;
  readonly section: Section | undefined;
  readonly children: ReactNode;
}

export function Shell({ person, section, children }: ShellProps) {
  const [opened, { toggle, close }] = useDisclosure();
  const address = useRouterState({ select: ({ location }) => location.pathname });
  useLive(useQueryClient());
  useEffect(close, [address, close]);
  return (
    <>
      <a href="#content" className={classes['skip']} onClick={skip}>
        {shellText.skip}
      </a>
      <header className={classes['header']}>
        <Group gap="sm" wrap="nowrap">
          <Burger
            opened={opened}
            onClick={toggle}
            hiddenFrom="sm"
            size="sm"
            aria-label={opened ? shellText.closeNavigation : shellText.openNavigation}
            aria-expanded={opened}
            aria-controls="navigation"
          />
          <PageLink to="/" className={classes['brand']} underline="never">
            <Mark />
            {shellText.product}
          </PageLink>
        </Group>
        <Group gap="xs" wrap="nowrap">
          <LiveMark />
          <Account person={person} />
        </Group>
      </header>
      <div className={classes['body']}>
        <nav
          id="navigation"
          aria-label={shellText.navigation}
          className={classes['navigation']}
          data-opened={opened}
        >
          <Navigation person={person} section={section} />
        </nav>
        <main id="content" tabIndex={-1} className={classes['content']}>
          {children}
        </main>
      </div>
    </>
  );
}

/** The menu's code, a tenth of a first load, comes when somebody turns to the button; the click opens it when it is there. */
function Account({ person }: Pick<ShellProps, 'person'>) {
  const [isWanted, setWanted] = useState(false);
  const fetchAhead = () => void fetchMenu().catch(() => undefined);
  const button = (
    <AccountButton
      person={person}
      aria-haspopup="menu"
      aria-expanded={false}
      onPointerEnter={fetchAhead}
      onFocus={fetchAhead}
      onClick={() => startTransition(() => setWanted(true))}
    />
  );
  return <Suspense fallback={button}>{isWanted ? <AccountMenu person={person} /> : button}</Suspense>;
}

/** Not by the address: `<base href>` would lead it to the start page. */
function skip(event: { preventDefault(): void }): void {
  event.preventDefault();
  document.getElementById('content')?.focus();
}

const NavigationLink = createLink(
  forwardRef<
    HTMLAnchorElement,
    { readonly label: string; readonly leftSection: ReactNode; readonly active: boolean }
  >(function NavigationLink({ active, ...rest }, ref) {
    return (
      <NavLink
        ref={ref}
        component="a"
        active={active}
        className={classes['link']}
        {...rest}
        aria-current={active ? 'page' : undefined}
      />
    );
  }),
);

function Navigation({ person, section: open }: Pick<ShellProps, 'person' | 'section'>) {
  const shown = pages.filter(
    ({ inNavigation, access }) => inNavigation && (access === 'open' || hasRole(person, access)),
  );
  return shown.map(({ path, title, section = 'home' }) => {
    const Icon = icons[section];
    return (
      <NavigationLink
        key={path}
        to={path}
        label={title}
        leftSection={<Icon size={18} stroke={1.7} aria-hidden />}
        active={section === open}
      />
    );
  });
}

function LiveMark() {
  const state = useLiveState();
  if (state !== 'connecting') return null;
  return (
    <Tooltip label={shellText.connecting}>
      <span className={classes['live']} role="status" aria-label={shellText.connecting}>
        <IconRefresh size={16} aria-hidden />
      </span>
    </Tooltip>
  );
}

function Mark() {
  return (
    <svg viewBox="0 0 32 32" width="24" height="24" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="#0b7285" />
      <g fill="none" stroke="#fff" strokeWidth="2.6" strokeLinecap="round">
        <path d="M8 10h7a5 5 0 0 1 0 10h-1" />
        <path d="M17 16.5 13.5 20l3.5 3.5" />
      </g>
      <circle cx="24" cy="10" r="2.6" fill="#fff" />
    </svg>
  );
}
