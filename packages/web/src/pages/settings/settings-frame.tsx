// The frame of the pages under Settings: their list beside the page, above it where it is narrow.
import type { ReactNode } from 'react';
import { PageFrame } from '../../parts/page/page-frame.tsx';
import { PageLink } from '../../parts/page/page-link.tsx';
import { pageText } from '../../text/page.ts';
import { settingText } from '../../text/setting.ts';
import classes from './settings-frame.module.css';

const parts: readonly { readonly to: string; readonly label: string }[] = [
  { to: '/settings', label: settingText.webhooks },
  { to: '/settings/egress', label: pageText.egress },
  { to: '/settings/sign-in', label: pageText.signInRules },
  { to: '/settings/retention', label: pageText.retention },
  { to: '/settings/encryption-key', label: pageText.encryptionKey },
  { to: '/settings/environment', label: pageText.environment },
  { to: '/settings/people', label: pageText.people },
  { to: '/settings/audit', label: pageText.auditLog },
  { to: '/settings/proof', label: pageText.proof },
];

interface SettingsFrameProps {
  readonly title: string;
  readonly description?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

export function SettingsFrame({ children, ...head }: SettingsFrameProps) {
  return (
    <PageFrame {...head}>
      <div className={classes['frame']}>
        <PartList />
        <div className={classes['content']}>{children}</div>
      </div>
    </PageFrame>
  );
}

function PartList() {
  return (
    <nav aria-label={settingText.parts} className={classes['parts']}>
      {parts.map(({ to, label }) => (
        <PageLink key={to} to={to} size="sm" underline="never" className={classes['part']} exact>
          {label}
        </PageLink>
      ))}
    </nav>
  );
}
