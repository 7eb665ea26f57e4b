// The heading of a step: it takes the focus, so that whoever does not see the page hears that it has changed.
import { Title } from '@mantine/core';
import { useEffect, useRef } from 'react';
import classes from './import-page.module.css';

export function StepHeading({ children }: { readonly children: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <Title order={2} size="h4" ref={heading} tabIndex={-1} className={classes['heading']}>
      {children}
    </Title>
  );
}
