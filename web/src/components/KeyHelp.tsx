import { Modal } from '@mantine/core';
import { Keyboard } from 'lucide-react';
import { Fragment, type ReactNode } from 'react';
import classes from './KeyHelp.module.css';

export function KeyHelpButton({ onClick }: { onClick: () => void }) {
  return (
    <button type="button" className={classes.button} onClick={onClick}>
      <Keyboard size={15} aria-hidden="true" /> Keys <kbd>?</kbd>
    </button>
  );
}

type Props = { open: boolean; onClose: () => void; keys: [keys: string[], what: string][]; children?: ReactNode };

/** The keys of a page, opened by the question mark. */
export function KeyHelp({ open, onClose, keys, children }: Props) {
  return (
    <Modal opened={open} onClose={onClose} title="Keys" size="sm" centered closeButtonProps={{ 'aria-label': 'Close' }}>
      <dl className={classes.keys}>
        {keys.map(([names, what]) => (
          <Fragment key={what}>
            <dt>
              {names.map((k) => (
                <kbd key={k}>{k}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </Fragment>
        ))}
      </dl>
      {children}
    </Modal>
  );
}
