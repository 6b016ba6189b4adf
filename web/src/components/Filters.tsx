import { Button, NativeSelect, TextInput } from '@mantine/core';
import { X } from 'lucide-react';
import type { ReactNode, RefObject } from 'react';
import { useSources } from '../api/queries';
import type { Severity } from '../api/types';
import { middle } from '../lib/format';
import { plain } from '../lib/text';
import { toggled } from '../lib/view';
import classes from './Filters.module.css';
import { NameInput } from './NameInput';
import { SeverityMark } from './Severity';

type BarProps = {
  /** Something is open: on narrow screens it takes the filter's place. */
  open?: boolean;
  onClear?: () => void;
  children: ReactNode;
};

/** The row above a list that narrows it. */
export function Filters({ open = false, onClear, children }: BarProps) {
  return (
    <search className={classes.filters} data-open={open || undefined} aria-label="Filter the list">
      {children}
      {onClear !== undefined && (
        <Button size="xs" variant="subtle" color="gray" leftSection={<X size={13} />} onClick={onClear}>
          Clear
        </Button>
      )}
    </search>
  );
}

type ChoiceProps = {
  name: string;
  options: (string | { value: string; label: string })[];
  value?: string;
  /** Its width. Without one it is as wide as its longest option. */
  className?: string;
  onChange: (value: string) => void;
};

/** Asks for one of a few things. */
export function Choice({ name, options, value = '', className, onChange }: ChoiceProps) {
  return (
    <NativeSelect
      size="xs"
      aria-label={name}
      className={className}
      data={options}
      value={value}
      onChange={(e) => onChange(e.currentTarget.value)}
    />
  );
}

type SearchProps = {
  hint: string;
  value: string;
  focus: RefObject<HTMLInputElement | null>;
  onChange: (text: string) => void;
};

/** Asks for a piece of text; the list follows every letter, so it must be one that is loaded whole. */
export function SearchInput({ hint, value, focus, onChange }: SearchProps) {
  return (
    <TextInput
      ref={focus}
      size="xs"
      aria-label="Text"
      placeholder={`${hint}   /`}
      className={classes.search}
      maxLength={128}
      value={value}
      onChange={(e) => onChange(e.currentTarget.value)}
      onKeyDown={(e) => (e.key === 'Escape' || e.key === 'Enter') && e.currentTarget.blur()}
    />
  );
}

/** Says that a list is narrowed to one secret; a link led here. */
export function OneSecret({ fingerprint }: { fingerprint: string }) {
  return (
    <span className={classes.secret}>
      Of one secret: <code>{plain(middle(fingerprint, 16, 6))}</code>
    </span>
  );
}

type ChipProps<S extends Severity> = { all: readonly S[]; on: readonly S[]; onChange: (on: S[]) => void };

export function SeverityChips<S extends Severity>({ all, on, onChange }: ChipProps<S>) {
  return (
    <fieldset className={classes.chips}>
      <legend className="sr-only">Severity</legend>
      {all.map((s) => (
        <button
          key={s}
          type="button"
          className={classes.chip}
          aria-pressed={on.includes(s)}
          onClick={() => onChange(toggled(all, on, s))}
        >
          <SeverityMark severity={s} size={11} />
          {s}
        </button>
      ))}
    </fieldset>
  );
}

type RuleProps = {
  value: string;
  rules: string[];
  focus: RefObject<HTMLInputElement | null>;
  onCommit: (r: string) => void;
};

/** Asks for a rule id. */
export function RuleInput({ value, rules, focus, onCommit }: RuleProps) {
  return (
    <NameInput
      name="Rule"
      hint="Rule id   /"
      value={value}
      all={rules}
      maxLength={128}
      focus={focus}
      onCommit={onCommit}
    />
  );
}

export function SourceSelect({ value, onChange }: { value: string; onChange: (s: string) => void }) {
  const known = useSources().data?.items.map((s) => s.id) ?? [];
  const all = [...new Set([...known, ...(value === '' ? [] : [value])])];
  return (
    <Choice
      name="Source"
      className={classes.select}
      options={[{ value: '', label: 'All sources' }, ...all]}
      value={value}
      onChange={onChange}
    />
  );
}
