import { Modal } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { Search } from 'lucide-react';
import { createContext, type KeyboardEvent, type ReactNode, useContext, useEffect, useRef, useState } from 'react';
import { plain } from '../../lib/text';
import classes from './Palette.module.css';
import { type Command, grouped } from './search';
import { useCommands } from './useCommands';

const Context = createContext<() => void>(() => {});

/** Ctrl+K or Cmd+K anywhere inside: every page and action by typing. */
export function PaletteProvider({ children }: { children: ReactNode }) {
  const [opened, setOpened] = useState(false);
  useHotkeys([['mod+K', () => setOpened((o) => !o)]], []);
  return (
    <Context.Provider value={() => setOpened(true)}>
      {children}
      <Modal
        opened={opened}
        onClose={() => setOpened(false)}
        withCloseButton={false}
        zIndex={350}
        padding={0}
        size={580}
        yOffset="12vh"
        transitionProps={{ duration: 0 }}
        attributes={{ content: { 'aria-label': 'Command palette' } }}
        classNames={{ content: classes.dialog }}
      >
        <Content onDone={() => setOpened(false)} />
      </Modal>
    </Context.Provider>
  );
}

const listId = 'palette';
const optionId = (i: number) => `palette-${i}`;

// Lives only while the palette is open. The focus stays in the search box; the
// chosen option is told to screen readers as its active descendant.
function Content({ onDone }: { onDone: () => void }) {
  const [query, setQuery] = useState('');
  const [selected, setSelected] = useState(0);
  const groups = grouped(useCommands(query));
  const flat = groups.flatMap(([, list]) => list);
  const run = (c: Command | undefined) => {
    if (c === undefined) return;
    onDone();
    c.run();
  };
  const onKeyDown = (e: KeyboardEvent) => {
    if (e.nativeEvent.isComposing) return;
    if (e.key === 'Enter') run(flat[selected]);
    else if (e.key === 'ArrowDown') setSelected((selected + 1) % Math.max(1, flat.length));
    else if (e.key === 'ArrowUp') setSelected((selected - 1 + flat.length) % Math.max(1, flat.length));
    else return;
    e.preventDefault();
  };
  return (
    <>
      <div className={classes.search}>
        <Search size={17} aria-hidden="true" />
        <input
          data-autofocus
          type="text"
          role="combobox"
          aria-label="Search commands"
          aria-expanded={flat.length > 0}
          aria-controls={listId}
          aria-activedescendant={flat.length > 0 ? optionId(selected) : undefined}
          aria-autocomplete="list"
          autoComplete="off"
          spellCheck={false}
          maxLength={200}
          placeholder="Page, action, source, rule or entry id"
          value={query}
          onChange={(e) => {
            setQuery(e.currentTarget.value);
            setSelected(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div id={listId} role="listbox" aria-label="Commands" className={classes.list}>
        {groups.map(([name, list]) => (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset does not belong into a listbox
          <div key={name} role="group" aria-label={name}>
            <div className={classes.group} aria-hidden="true">
              {name}
            </div>
            {list.map((c) => {
              const i = flat.indexOf(c);
              return (
                <Option
                  key={c.id}
                  id={optionId(i)}
                  command={c}
                  selected={i === selected}
                  onPoint={() => setSelected(i)}
                  onPick={() => run(c)}
                />
              );
            })}
          </div>
        ))}
      </div>
      {flat.length === 0 && (
        <p className={classes.none} role="status">
          Nothing by that name. An entry id must be complete.
        </p>
      )}
      <footer className={classes.foot}>
        <kbd>↑</kbd> <kbd>↓</kbd> choose
        <kbd>Enter</kbd> go
        <kbd>Esc</kbd> close
      </footer>
    </>
  );
}

type OptionProps = { id: string; command: Command; selected: boolean; onPoint: () => void; onPick: () => void };

function Option({ id, command: c, selected, onPoint, onPick }: OptionProps) {
  const ref = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (selected) ref.current?.scrollIntoView({ block: 'nearest' });
  }, [selected]);
  return (
    <button
      ref={ref}
      id={id}
      type="button"
      role="option"
      aria-selected={selected}
      tabIndex={-1}
      className={classes.option}
      onPointerMove={selected ? undefined : onPoint}
      onClick={onPick}
    >
      <c.icon size={16} aria-hidden="true" />
      <span className={classes.name}>{plain(c.name)}</span>
      {c.hint !== undefined && <span className={classes.hint}>{plain(c.hint)}</span>}
    </button>
  );
}

const mac = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** Opens the palette by pointer, and tells of its keys. */
export function PaletteButton() {
  const open = useContext(Context);
  return (
    <button type="button" className={classes.open} onClick={open} aria-haspopup="dialog">
      <Search size={14} aria-hidden="true" />
      <span>Go to…</span>
      <kbd>{mac ? '⌘K' : 'Ctrl K'}</kbd>
    </button>
  );
}

/** The same for the bar of narrow screens. */
export function PaletteIcon() {
  const open = useContext(Context);
  return (
    <button type="button" aria-label="Go to a page or an entry" aria-haspopup="dialog" onClick={open}>
      <Search size={19} />
    </button>
  );
}
