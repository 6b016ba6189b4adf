import {
  Ban,
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CirclePause,
  CircleUser,
  CircleX,
  LoaderCircle,
  type LucideIcon,
  TriangleAlert,
  Undo2,
} from 'lucide-react';
import classes from './StateTag.module.css';

type Look = { icon: LucideIcon; tone: 'ok' | 'warn' | 'bad' | 'quiet'; text: string };

// Every state has its own icon and word; colour only repeats them.
const looks: Record<string, Look> = {
  live: { icon: CircleCheck, tone: 'ok', text: 'live' },
  catching_up: { icon: LoaderCircle, tone: 'quiet', text: 'catching up' },
  waiting: { icon: CircleDashed, tone: 'quiet', text: 'waiting' },
  failing: { icon: CircleX, tone: 'bad', text: 'failing' },
  standby: { icon: CirclePause, tone: 'quiet', text: 'standby' },
  stopped: { icon: Ban, tone: 'warn', text: 'stopped' },
  starting: { icon: LoaderCircle, tone: 'quiet', text: 'starting' },
  running: { icon: CircleCheck, tone: 'ok', text: 'running' },
  stopping: { icon: Ban, tone: 'warn', text: 'stopped' },
  lost: { icon: CircleX, tone: 'bad', text: 'lost' },
  failed: { icon: CircleX, tone: 'bad', text: 'failed' },
  ok: { icon: CircleCheck, tone: 'ok', text: 'ok' },
  on: { icon: CircleCheck, tone: 'ok', text: 'on' },
  off: { icon: CirclePause, tone: 'quiet', text: 'off' },
  problem: { icon: CircleX, tone: 'bad', text: 'problem' },
  active: { icon: CircleCheck, tone: 'ok', text: 'active' },
  paused: { icon: CirclePause, tone: 'quiet', text: 'paused' },
  tripped: { icon: CircleX, tone: 'bad', text: 'tripped' },
  pending: { icon: CircleDashed, tone: 'quiet', text: 'pending' },
  delivered: { icon: CircleCheck, tone: 'ok', text: 'delivered' },
  retrying: { icon: TriangleAlert, tone: 'warn', text: 'failed' },
  dead: { icon: CircleX, tone: 'bad', text: 'dead' },
  silenced: { icon: CirclePause, tone: 'quiet', text: 'silenced' },
  triggered: { icon: CircleAlert, tone: 'bad', text: 'triggered' },
  acknowledged: { icon: CircleUser, tone: 'warn', text: 'acknowledged' },
  snoozed: { icon: CirclePause, tone: 'quiet', text: 'snoozed' },
  resolved: { icon: CircleCheck, tone: 'ok', text: 'resolved' },
  ignored: { icon: Ban, tone: 'quiet', text: 'ignored' },
  blocked: { icon: Ban, tone: 'bad', text: 'blocked' },
  spared: { icon: CirclePause, tone: 'warn', text: 'spared' },
  ended: { icon: Undo2, tone: 'quiet', text: 'ended' },
  over: { icon: CircleDashed, tone: 'quiet', text: 'over' },
  asking: { icon: CircleAlert, tone: 'warn', text: 'asks' },
  due: { icon: LoaderCircle, tone: 'quiet', text: 'due' },
  done: { icon: CircleCheck, tone: 'ok', text: 'done' },
  undone: { icon: Undo2, tone: 'quiet', text: 'undone' },
  rejected: { icon: Ban, tone: 'quiet', text: 'rejected' },
  expired: { icon: CirclePause, tone: 'warn', text: 'expired' },
  dry_run: { icon: CircleDashed, tone: 'quiet', text: 'dry run' },
  degraded: { icon: TriangleAlert, tone: 'warn', text: 'degraded' },
};

export function StateTag({ state }: { state: string }) {
  const look = looks[state] ?? { icon: CircleDashed, tone: 'quiet', text: state };
  return (
    <span className={classes.tag} data-tone={look.tone}>
      <look.icon size={14} aria-hidden="true" />
      {look.text}
    </span>
  );
}
