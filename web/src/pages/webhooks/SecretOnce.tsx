import { Button, Modal } from '@mantine/core';
import { Snippet } from '../../components/Copy';
import { useFocusBack } from '../../lib/useFocusBack';
import classes from './Webhooks.module.css';

export type Secret = { webhook: string; value: string };

/**
 * The only moment the secret can be seen: the server keeps it sealed. So the
 * dialog is left by its button alone, not by a slip.
 */
export function SecretOnce({ secret, onClose }: { secret: Secret; onClose: () => void }) {
  useFocusBack();
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Signing secret of ${secret.webhook}`}
      size="lg"
      centered
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
    >
      <div className={classes.secret}>
        <p>
          <strong>Copy this signing secret now.</strong> It is shown this once. The receiver checks with it that a
          delivery is ours (Standard Webhooks: <code>webhook-id</code>, <code>webhook-timestamp</code>,{' '}
          <code>webhook-signature</code>).
        </p>
        <Snippet label="secret">{secret.value}</Snippet>
        <Button size="xs" onClick={onClose}>
          I have stored it
        </Button>
      </div>
    </Modal>
  );
}
