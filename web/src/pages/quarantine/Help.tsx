import { Modal } from '@mantine/core';
import { Fragment } from 'react';
import classes from './Quarantine.module.css';
import { keyHelp } from './triage';

export function Help({ open, onClose, canReview }: { open: boolean; onClose: () => void; canReview: boolean }) {
  return (
    <Modal opened={open} onClose={onClose} title="Keys" size="sm" centered closeButtonProps={{ 'aria-label': 'Close' }}>
      <dl className={classes.keys}>
        {keyHelp.map(([keys, what]) => (
          <Fragment key={what}>
            <dt>
              {keys.map((k) => (
                <kbd key={k}>{k}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </Fragment>
        ))}
      </dl>
      {!canReview && <p className={classes.hint}>Your role may look at entries, not review them.</p>}
    </Modal>
  );
}
