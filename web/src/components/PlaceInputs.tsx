import type { RefObject } from 'react';
import { NameInput, namesIn } from './NameInput';

type Place = { attacker?: string; decky?: string; service?: string };

type Props = {
  view: Place;
  /** What is loaded: its names are offered. */
  rows: { attacker_ip: string; decky: string; service: string }[];
  focus: RefObject<HTMLInputElement | null>;
  onChange: (change: Place) => void;
};

/** Asks where evidence was taken: from which address, on which decky, by which service. */
export function PlaceInputs({ view, rows, focus, onChange }: Props) {
  return (
    <>
      <NameInput
        name="Address"
        hint="Address   /"
        maxLength={64}
        focus={focus}
        value={view.attacker}
        all={namesIn(rows, (r) => [r.attacker_ip])}
        onCommit={(attacker) => onChange({ attacker })}
      />
      <NameInput
        name="Decky"
        maxLength={64}
        value={view.decky}
        all={namesIn(rows, (r) => [r.decky])}
        onCommit={(decky) => onChange({ decky })}
      />
      <NameInput
        name="Service"
        maxLength={64}
        value={view.service}
        all={namesIn(rows, (r) => [r.service])}
        onCommit={(service) => onChange({ service })}
      />
    </>
  );
}
