import { Button } from '@mantine/core';
import { Snippet } from '../../components/Copy';
import classes from './Webhooks.module.css';

/** The only moment the secret can be seen: the server keeps it sealed. */
export function SecretOnce({ secret, onClose }: { secret: string; onClose: () => void }) {
  return (
    <div className={classes.secret} role="status">
      <p>
        <strong>Copy this signing secret now.</strong> It is shown this once. The receiver checks with it that a
        delivery is ours (Standard Webhooks: <code>webhook-id</code>, <code>webhook-timestamp</code>,{' '}
        <code>webhook-signature</code>).
      </p>
      <Snippet label="secret">{secret}</Snippet>
      <Button size="xs" variant="default" onClick={onClose}>
        I have stored it
      </Button>
    </div>
  );
}
