// Links to pages, by address; below whatever path the server hangs.
import { Anchor, Button, type AnchorProps, type ButtonProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import { forwardRef, type AnchorHTMLAttributes, type ReactNode } from 'react';

type LinkProps = Omit<AnchorProps, 'href'> & Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof AnchorProps>;

const PlainLink = createLink(
  forwardRef<HTMLAnchorElement, LinkProps>(function PlainLink(props, ref) {
    return <Anchor ref={ref} {...props} />;
  }),
);

type ButtonLinkProps = Omit<ButtonProps, 'href'> &
  Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof ButtonProps>;

const PlainButtonLink = createLink(
  forwardRef<HTMLAnchorElement, ButtonLinkProps>(function PlainButtonLink(props, ref) {
    return <Button component="a" ref={ref} {...props} />;
  }),
);

export interface PageTarget {
  /** An address such as `/flows/7`. */
  readonly to: string;
  readonly search?: Readonly<Record<string, string | number | undefined>>;
  readonly children: ReactNode;
  /** True where pages below it do not mark it as the open one. */
  readonly exact?: boolean;
}

export function PageLink({ to, search, exact = false, ...rest }: PageTarget & LinkProps) {
  return <PlainLink to={to} search={search} activeOptions={{ exact, includeSearch: !exact }} {...rest} />;
}

export function PageButton({ to, search, ...rest }: PageTarget & ButtonLinkProps) {
  return <PlainButtonLink to={to} search={search} {...rest} />;
}
