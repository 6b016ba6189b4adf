import { KeyRound, LogIn } from 'lucide-react';
import type { Credential } from '../../api/types';
import { Mark, MarkRow } from '../../components/Mark';

/** What stands out of a credential, each by an icon and a word. */
export function CredentialMarks({ credential: c }: { credential: Credential }) {
  return (
    <MarkRow>
      {c.leaked && <Mark icon={KeyRound} text="yours" tone="bad" />}
      {c.accepted && <Mark icon={LogIn} text="let in" tone="warn" />}
    </MarkRow>
  );
}
