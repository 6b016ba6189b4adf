import { NativeSelect } from '@mantine/core';
import type { RefObject } from 'react';
import type { Credential } from '../../api/types';
import { Filters, OneSecret } from '../../components/Filters';
import bar from '../../components/Filters.module.css';
import { NameInput, namesIn } from '../../components/NameInput';
import { type View, writeView } from './filters';
import { kinds, wordOf } from './kinds';

type Props = {
  view: View;
  onChange: (v: View) => void;
  /** What is loaded: its names are offered. */
  rows: Credential[];
  focus: RefObject<HTMLInputElement | null>;
  open: boolean;
};

export function CredentialFilters({ view, onChange, rows, focus, open }: Props) {
  const set = (change: Partial<View>) => onChange({ ...view, ...change });
  return (
    <Filters open={open} onClear={writeView(view) === '' ? undefined : () => onChange({})}>
      <NameInput
        name="Address"
        hint="Address   /"
        maxLength={64}
        focus={focus}
        value={view.attacker}
        all={namesIn(rows, (r) => [r.attacker_ip])}
        onCommit={(attacker) => set({ attacker })}
      />
      <NameInput
        name="Decky"
        maxLength={64}
        value={view.decky}
        all={namesIn(rows, (r) => [r.decky])}
        onCommit={(decky) => set({ decky })}
      />
      <NameInput
        name="Service"
        maxLength={64}
        value={view.service}
        all={namesIn(rows, (r) => [r.service])}
        onCommit={(service) => set({ service })}
      />
      <NativeSelect
        size="xs"
        aria-label="Kind"
        className={bar.select}
        data={[{ value: '', label: 'All kinds' }, ...kinds.map((k) => ({ value: k, label: wordOf(k) }))]}
        value={view.kind ?? ''}
        onChange={(e) => set({ kind: e.currentTarget.value })}
      />
      {view.fingerprint && <OneSecret fingerprint={view.fingerprint} />}
    </Filters>
  );
}
