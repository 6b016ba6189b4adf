import type { RefObject } from 'react';
import { type Named, NameInputs } from './NameInput';

type Place = { attacker?: string; decky?: string; service?: string };
type Row = { attacker_ip: string; decky: string; service: string };

type Props = {
  view: Place;
  /** What is loaded: its names are offered. */
  rows: Row[];
  focus: RefObject<HTMLInputElement | null>;
  onChange: (change: Place) => void;
};

const names: Named<Row, keyof Place>[] = [
  { key: 'attacker', name: 'Address', max: 64, of: (r) => [r.attacker_ip] },
  { key: 'decky', name: 'Decky', max: 64, of: (r) => [r.decky] },
  { key: 'service', name: 'Service', max: 64, of: (r) => [r.service] },
];

/** Asks where evidence was taken: from which address, on which decky, by which service. */
export const PlaceInputs = (p: Props) => <NameInputs names={names} {...p} />;
