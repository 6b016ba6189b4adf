import { useMantineColorScheme } from '@mantine/core';
import {
  BookOpen,
  FileSearch,
  Fingerprint,
  ListChecks,
  LogOut,
  Monitor,
  Moon,
  Radio,
  ShieldAlert,
  Sun,
  UserRound,
} from 'lucide-react';
import { useLocation } from 'wouter';
import { useMe, useOverview } from '../../api/queries';
import { middle } from '../../lib/format';
import { includes } from '../../lib/roles';
import { navigation } from '../nav';
import { useLeave } from '../useLeave';
import { type Command, type Place, placeOf, search } from './search';

type Go = (path: string) => void;

/** What the palette offers for a query, in the order shown. */
export function useCommands(query: string): Command[] {
  const [, navigate] = useLocation();
  const pages = usePages(navigate);
  const appearance = useAppearance();
  const sources = useSourceCommands(navigate);
  const leave = useLeave();
  const place = placeOf(query);
  const all = [
    ...pages,
    {
      id: 'triage',
      group: 'Do',
      name: 'Review what waits',
      words: 'triage quarantine unreviewed',
      icon: ListChecks,
      run: () => navigate('/quarantine?reviewed=false'),
    },
    {
      id: 'account',
      group: 'Do',
      name: 'Your account',
      words: 'password sessions profile',
      icon: UserRound,
      run: () => navigate('/account'),
    },
    { id: 'leave', group: 'Do', name: 'Log out', words: 'sign out leave', icon: LogOut, run: () => void leave() },
    ...appearance,
    ...(query.trim() === '' ? [] : sources),
    documentation,
  ];
  const found = search(all, query);
  if (place === null) return found;
  const jump = jumpTo(place, navigate);
  return place.kind === 'rule' ? [...found, jump] : [jump, ...found];
}

function usePages(go: Go): Command[] {
  const role = useMe().data?.role;
  return navigation
    .flatMap((g) => g.items.filter((i) => includes(role, i.needs)).map((i) => ({ ...i, section: g.name })))
    .map((i) => ({
      id: `page${i.path}`,
      group: 'Go to',
      name: i.name,
      hint: i.section,
      words: `${i.section} ${i.path}`,
      icon: i.icon,
      run: () => go(i.path),
    }));
}

const schemes = [
  { value: 'light', name: 'Light', icon: Sun },
  { value: 'dark', name: 'Dark', icon: Moon },
  { value: 'auto', name: 'As the system', icon: Monitor },
] as const;

function useAppearance(): Command[] {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return schemes
    .filter((s) => s.value !== colorScheme)
    .map((s) => ({
      id: `scheme-${s.value}`,
      group: 'Appearance',
      name: s.name,
      words: 'theme colours mode',
      icon: s.icon,
      run: () => setColorScheme(s.value),
    }));
}

function useSourceCommands(go: Go): Command[] {
  const sources = useOverview(24).data?.sources ?? [];
  return sources.map((s) => ({
    id: `source-${s.id}`,
    group: 'Quarantine of a source',
    name: s.id,
    hint: s.kind,
    icon: Radio,
    run: () => go(`/quarantine?source=${encodeURIComponent(s.id)}`),
  }));
}

const documentation: Command = {
  id: 'openapi',
  group: 'Documentation',
  name: 'API description',
  hint: '/openapi.json',
  words: 'docs help openapi rest',
  icon: BookOpen,
  run: () => void window.open('/openapi.json', '_blank', 'noopener'),
};

const jumps = {
  entry: { icon: ShieldAlert, text: 'Open quarantine entry' },
  fingerprint: { icon: Fingerprint, text: 'Sightings of' },
  rule: { icon: FileSearch, text: 'Quarantine entries of rule' },
};

function jumpTo(place: Place, go: Go): Command {
  const { icon, text } = jumps[place.kind];
  return {
    id: 'jump',
    group: 'Jump to',
    name: `${text} ${middle(place.name, 18, 8)}`,
    icon,
    run: () => go(place.path),
  };
}
