import { ActionIcon, Tooltip } from '@mantine/core';
import { Check, Copy as CopyIcon } from 'lucide-react';
import { useEffect, useState } from 'react';
import { copy } from '../lib/clipboard';
import { visible } from '../lib/text';
import classes from './Copy.module.css';

export function CopyButton({ value, label }: { value: string; label: string }) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return;
    const t = window.setTimeout(() => setDone(false), 1_500);
    return () => window.clearTimeout(t);
  }, [done]);
  return (
    <Tooltip label={done ? 'Copied' : `Copy ${label}`}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="sm"
        aria-label={`Copy ${label}`}
        onClick={async () => setDone(await copy(value))}
      >
        {done ? <Check size={14} /> : <CopyIcon size={14} />}
      </ActionIcon>
    </Tooltip>
  );
}

/** A command to run, with a button to copy it. */
export function Snippet({ label, children }: { label: string; children: string }) {
  return (
    <div className={classes.snippet}>
      <span className={classes.label}>{label}</span>
      <code className={classes.code} tabIndex={0}>
        {visible(children).map((s) => s.text)}
      </code>
      <CopyButton value={children} label={`the ${label} command`} />
    </div>
  );
}
