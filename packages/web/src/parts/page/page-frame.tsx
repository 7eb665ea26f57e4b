// The frame of a page: breadcrumbs, title, what can be done, content. The title is also the document's.
import '../mantine.css';
import { Breadcrumbs, Group, Text, Title } from '@mantine/core';
import { useEffect, useRef, type ReactNode } from 'react';
import { shellText } from '../../text/shell.ts';
import classes from './page-frame.module.css';
import { PageLink } from './page-link.tsx';

export interface Crumb {
  readonly label: string;
  readonly to: string;
}

interface PageFrameProps {
  readonly title: string;
  /** What stands beside the title, such as a state. */
  readonly mark?: ReactNode;
  readonly description?: ReactNode;
  /** The pages above this one, from the outside in. */
  readonly crumbs?: readonly Crumb[];
  /** Buttons. */
  readonly actions?: ReactNode;
  /** `wide` uses the whole window; `form` keeps lines short. */
  readonly width?: 'usual' | 'wide' | 'form';
  readonly children: ReactNode;
}

let titleShown: string | undefined;

export function PageFrame(props: PageFrameProps) {
  const { title, mark, description, crumbs = [], actions, width = 'usual', children } = props;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = shellText.pageTitle(title);
  }, [title]);
  useEffect(() => {
    // A new page is begun at its title; the first one after loading is left to the browser.
    const address = location.pathname;
    if (titleShown !== undefined && titleShown !== address) heading.current?.focus({ preventScroll: true });
    titleShown = address;
  }, []);
  return (
    <div className={classes['page']} data-width={width}>
      {crumbs.length > 0 && (
        <nav aria-label={shellText.breadcrumbs} className={classes['crumbs']}>
          <Breadcrumbs>
            {crumbs.map(({ label, to }) => (
              <PageLink key={to} to={to} size="sm">
                {label}
              </PageLink>
            ))}
          </Breadcrumbs>
        </nav>
      )}
      <Group justify="space-between" align="flex-start" gap="sm" className={classes['head']}>
        <Group gap="sm" className={classes['title']}>
          <Title order={1} size="h2" ref={heading} tabIndex={-1}>
            {title}
          </Title>
          {mark}
        </Group>
        {actions !== undefined && <Group gap="xs">{actions}</Group>}
      </Group>
      {description !== undefined && (
        <Text c="dimmed" component="div" className={classes['description']}>
          {description}
        </Text>
      )}
      {children}
    </div>
  );
}
