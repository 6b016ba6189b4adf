import { useEffect, useRef } from 'react';
import { Link, useLocation } from 'wouter';
import { useOpenIncidents } from '../api/incidents';
import { useMe, useOverview } from '../api/queries';
import { Wordmark } from '../components/Logo';
import { compact } from '../lib/format';
import { includes } from '../lib/roles';
import { useConnection } from '../live/LiveProvider';
import { type Group, type Item, navigation } from './nav';
import { PaletteButton } from './palette/Palette';
import classes from './Shell.module.css';
import { UserMenu } from './UserMenu';

export function Nav({ onEscape }: { onEscape: () => void }) {
  const groups = useRef<HTMLDivElement>(null);
  const [path] = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the list is longer than many windows, and what is current changes with the path
  useEffect(() => bringIntoSight(groups.current, '[aria-current=page]'), [path]);
  return (
    <nav id="nav" className={classes.nav} aria-label="Main" onKeyDown={(e) => e.key === 'Escape' && onEscape()}>
      <div className={classes.brand}>
        <Link href="/" aria-label="Cordon, to the overview">
          <Wordmark size={24} />
        </Link>
      </div>
      <PaletteButton />
      <div className={classes.groups} ref={groups}>
        {navigation.map((g) => (
          <NavGroup key={g.name} group={g} />
        ))}
      </div>
      <div className={classes.foot}>
        <LiveState />
        <UserMenu />
      </div>
    </nav>
  );
}

// Not by scrollIntoView: the next Tab would begin there, and miss what stands before.
function bringIntoSight(list: HTMLElement | null, what: string): void {
  const it = list?.querySelector(what)?.getBoundingClientRect();
  if (list === null || it === undefined) return;
  const { top, bottom } = list.getBoundingClientRect();
  if (it.top < top) list.scrollTop -= top - it.top;
  if (it.bottom > bottom) list.scrollTop += it.bottom - bottom;
}

function NavGroup({ group }: { group: Group }) {
  const role = useMe().data?.role;
  const items = group.items.filter((i) => includes(role, i.needs));
  if (items.length === 0) return null;
  return (
    <>
      {group.name !== '' && <div className={classes.groupName}>{group.name}</div>}
      <ul>
        {items.map((i) => (
          <li key={i.path}>
            <NavLink item={i} />
          </li>
        ))}
      </ul>
    </>
  );
}

function NavLink({ item }: { item: Item }) {
  const [path] = useLocation();
  const here = item.path === '/' ? path === '/' : path.startsWith(item.path);
  return (
    <Link href={item.path} className={classes.link} aria-current={here ? 'page' : undefined}>
      <item.icon size={17} aria-hidden="true" />
      {item.name}
      {item.path === '/incidents' && <OpenBadge />}
      {item.path === '/quarantine' && <WaitingBadge />}
    </Link>
  );
}

/** As many as the page lists when it is opened. */
function OpenBadge() {
  const open = useOpenIncidents().data;
  if (open === undefined) return null;
  const critical = open.critical > 0 ? `, ${open.critical} critical` : '';
  return <Badge n={open.total} what={`open${critical}`} grave={open.critical > 0} />;
}

function WaitingBadge() {
  const overview = useOverview(24).data;
  if (overview === undefined) return null;
  return <Badge n={Object.values(overview.unreviewed).reduce((a, b) => a + b, 0)} what="to review" />;
}

function Badge({ n, what, grave = false }: { n: number; what: string; grave?: boolean }) {
  if (n === 0) return null;
  return (
    <span className={`${classes.badge} num`} data-grave={grave || undefined}>
      {compact(n)}
      <span className="sr-only"> {what}</span>
    </span>
  );
}

const words = { connecting: 'Connecting', live: 'Live', lost: 'Connection lost', paused: 'Paused' };

function LiveState() {
  const { connection } = useConnection();
  return (
    <div className={classes.live} data-state={connection}>
      <span className={classes.dot} aria-hidden="true" />
      {words[connection]}
    </div>
  );
}
