import { KeyRound, LayoutDashboard, type LucideIcon, Radio, ScanSearch, ShieldAlert, Stethoscope } from 'lucide-react';
import type { Role } from '../api/types';

export type Item = { path: string; name: string; icon: LucideIcon; needs: Role };
export type Group = { name: string; items: Item[] };

/** What the navigation shows: only what is built. A new sensor is a new group. */
export const navigation: Group[] = [
  { name: '', items: [{ path: '/', name: 'Overview', icon: LayoutDashboard, needs: 'viewer' }] },
  {
    name: 'Leak sentinel',
    items: [
      { path: '/quarantine', name: 'Quarantine', icon: ShieldAlert, needs: 'viewer' },
      { path: '/findings', name: 'Findings', icon: ScanSearch, needs: 'viewer' },
      { path: '/sources', name: 'Sources', icon: Radio, needs: 'viewer' },
    ],
  },
  {
    name: 'Platform',
    items: [
      { path: '/health', name: 'Health', icon: Stethoscope, needs: 'viewer' },
      { path: '/access', name: 'Users & keys', icon: KeyRound, needs: 'admin' },
    ],
  },
];
