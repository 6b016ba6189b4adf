import { Modal } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useFocusBack } from '../lib/useFocusBack';
import { ReasonForm } from './ReasonForm';

type Props = {
  title: string;
  /** What will happen. */
  children: ReactNode;
  /** The word on the button: what is done. */
  verb: string;
  /** It takes something away. */
  danger?: boolean;
  /** The server refuses without a reason. */
  needed?: boolean;
  /** More is asked for than the reason: false until that is given. */
  ready?: boolean;
  /** The longest reason that the server takes, in characters. */
  most?: number;
  /** The reason as far as it is known. */
  initial?: string;
  run: (reason: string) => Promise<unknown>;
  onClose: () => void;
};

/** Asks why before something is done that the audit log keeps. Stays open when it fails, and says why. */
export function ReasonDialog({ title, children, verb, danger, needed, ready, most, initial, run, onClose }: Props) {
  const act = useMutation({ mutationFn: run, onSuccess: onClose });
  useFocusBack();
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      centered
      closeButtonProps={{ 'aria-label': 'Close' }}
      transitionProps={{ duration: 0 }}
    >
      <ReasonForm
        plain
        verb={verb}
        danger={danger}
        needed={needed}
        ready={ready}
        most={most}
        initial={initial}
        busy={act.isPending}
        error={act.error?.message}
        onGo={(reason) => act.mutate(reason)}
        onCancel={onClose}
      >
        {children}
      </ReasonForm>
    </Modal>
  );
}
