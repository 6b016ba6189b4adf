import {
  Activity,
  AppWindow,
  ArrowUpRight,
  BrickWall,
  ChartSpline,
  Cog,
  Eye,
  FileLock2,
  Footprints,
  Globe,
  KeyRound,
  KeySquare,
  LayoutDashboard,
  ListTodo,
  Logs,
  type LucideIcon,
  OctagonX,
  Radio,
  Repeat,
  ScanSearch,
  ScrollText,
  Server,
  Settings2,
  ShieldAlert,
  Siren,
  SlidersHorizontal,
  SquareTerminal,
  Stethoscope,
  TextSearch,
  Waves,
  Waypoints,
  Webhook,
} from 'lucide-react';
import type { Role } from '../api/types';

export type Item = { path: string; name: string; icon: LucideIcon; needs: Role };
export type Group = { name: string; items: Item[] };

/** What the navigation shows: only what is built. A new sensor is a new group. */
export const navigation: Group[] = [
  {
    name: '',
    items: [
      { path: '/', name: 'Overview', icon: LayoutDashboard, needs: 'viewer' },
      { path: '/incidents', name: 'Incidents', icon: Siren, needs: 'viewer' },
      { path: '/actions', name: 'Actions', icon: ListTodo, needs: 'viewer' },
      { path: '/block-list', name: 'Block list', icon: BrickWall, needs: 'viewer' },
    ],
  },
  {
    name: 'Leak sentinel',
    items: [
      { path: '/quarantine', name: 'Quarantine', icon: ShieldAlert, needs: 'viewer' },
      { path: '/findings', name: 'Findings', icon: ScanSearch, needs: 'viewer' },
      { path: '/sources', name: 'Sources', icon: Radio, needs: 'viewer' },
      { path: '/gateway', name: 'Gateway', icon: Waypoints, needs: 'viewer' },
      { path: '/rules', name: 'Rules', icon: TextSearch, needs: 'viewer' },
    ],
  },
  {
    name: 'Egress',
    items: [
      { path: '/decisions', name: 'Decisions', icon: ArrowUpRight, needs: 'viewer' },
      { path: '/first-seen', name: 'First seen', icon: Eye, needs: 'viewer' },
      { path: '/programs', name: 'Programs', icon: AppWindow, needs: 'viewer' },
      { path: '/destinations', name: 'Destinations', icon: Globe, needs: 'viewer' },
      { path: '/baselines', name: 'Usual traffic', icon: ChartSpline, needs: 'viewer' },
      { path: '/policy', name: 'Policy', icon: FileLock2, needs: 'viewer' },
      { path: '/killswitch', name: 'Kill switch', icon: OctagonX, needs: 'viewer' },
    ],
  },
  {
    name: 'Deception',
    items: [
      { path: '/live', name: 'Live', icon: Activity, needs: 'viewer' },
      { path: '/deckies', name: 'Deckies', icon: Server, needs: 'viewer' },
      { path: '/attackers', name: 'Attackers', icon: Footprints, needs: 'viewer' },
      { path: '/sessions', name: 'Sessions', icon: SquareTerminal, needs: 'viewer' },
      { path: '/credentials', name: 'Credentials', icon: KeySquare, needs: 'viewer' },
      { path: '/reuse', name: 'Reuse', icon: Repeat, needs: 'viewer' },
    ],
  },
  {
    name: 'Anomaly',
    items: [
      { path: '/anomalies', name: 'Anomalies', icon: Waves, needs: 'viewer' },
      { path: '/anomaly-rules', name: 'Anomaly rules', icon: SlidersHorizontal, needs: 'viewer' },
    ],
  },
  {
    name: 'Platform',
    items: [
      { path: '/events', name: 'Events', icon: Logs, needs: 'viewer' },
      { path: '/webhooks', name: 'Webhooks', icon: Webhook, needs: 'admin' },
      { path: '/workers', name: 'Workers', icon: Cog, needs: 'viewer' },
      { path: '/health', name: 'Health', icon: Stethoscope, needs: 'viewer' },
      { path: '/audit', name: 'Audit', icon: ScrollText, needs: 'admin' },
      { path: '/access', name: 'Users & keys', icon: KeyRound, needs: 'admin' },
      { path: '/settings', name: 'Settings', icon: Settings2, needs: 'admin' },
    ],
  },
];
