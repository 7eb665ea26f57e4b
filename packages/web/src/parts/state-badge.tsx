// A state as icon and word on a quiet ground: never by colour alone.
import type { ComponentType } from 'react';
import { stateText } from '../text/state.ts';
import {
  IconAlertTriangle,
  IconBan,
  IconCircleCheck,
  IconCircleMinus,
  IconClock,
  IconPlayerPause,
  IconRefresh,
} from './icon.ts';
import classes from './state-badge.module.css';

export type Tone = 'good' | 'bad' | 'busy' | 'waiting' | 'quiet';

const tones: Readonly<Record<string, Tone>> = {
  Created: 'waiting',
  InProgress: 'busy',
  Complete: 'good',
  Failed: 'bad',
  Canceled: 'quiet',
  pending: 'waiting',
  held: 'quiet',
  sending: 'busy',
  delivered: 'good',
  dead: 'bad',
  canceled: 'quiet',
  enabled: 'good',
  disabled: 'quiet',
  fired: 'good',
  silent: 'quiet',
  launched: 'good',
  waiting: 'waiting',
  skipped: 'quiet',
  missed: 'quiet',
  failed: 'bad',
  valid: 'good',
  invalid: 'bad',
};

type Icon = ComponentType<{ size?: number; 'aria-hidden'?: boolean }>;
const icons: Readonly<Record<Tone, Icon>> = {
  good: IconCircleCheck,
  bad: IconAlertTriangle,
  busy: IconRefresh,
  waiting: IconClock,
  quiet: IconCircleMinus,
};
const own: Readonly<Record<string, Icon>> = {
  Canceled: IconBan,
  canceled: IconBan,
  held: IconPlayerPause,
  disabled: IconPlayerPause,
};

interface StateBadgeProps {
  /** As the API has it: `Complete`, `dead`, `held` ... */
  readonly state: string;
  /** Another word than the usual one. */
  readonly label?: string;
  readonly tone?: Tone;
}

export function StateBadge({ state, label, tone }: StateBadgeProps) {
  const chosen = tone ?? tones[state] ?? 'quiet';
  const Icon = own[state] ?? icons[chosen];
  return (
    <span className={classes['badge']} data-tone={chosen}>
      <Icon size={14} aria-hidden />
      {label ?? stateText[state] ?? state}
    </span>
  );
}
