import { expect, it } from 'vitest';
import type { Hop, WayMutation } from '../../api/types';
import { steps } from './steps';

const hop = (decky: string, entered_at: string): Hop => ({
  decky,
  entered_at,
  left_at: null,
  services: [],
  sessions: [],
});
const mutation = (decky: string, at: string): WayMutation => ({
  decky,
  at,
  trigger: 'operator',
  old_services: [],
  new_services: [],
});

it('puts mutations between the stops, by time', () => {
  const all = steps(
    [hop('web-1', '2026-03-14T12:00:00Z'), hop('db-1', '2026-03-14T14:00:00.5Z')],
    [mutation('web-1', '2026-03-14T14:00:00Z'), mutation('db-1', '2026-03-14T15:00:00Z')],
  );
  expect(all.map((s) => ('entered_at' in s ? s.decky : `${s.decky} mutates`))).toEqual([
    'web-1',
    'web-1 mutates',
    'db-1',
    'db-1 mutates',
  ]);
});
