import { Lock } from 'lucide-react';
import type { ReactNode } from 'react';
import { useMe } from '../api/queries';
import { includes } from '../lib/roles';
import { Notice } from './States';

/** Shows its content to administrators, and tells the others whom to ask. */
export function AdminOnly({ what, children }: { what: string; children: ReactNode }) {
  const role = useMe().data?.role;
  if (includes(role, 'admin')) return children;
  return (
    <Notice icon={<Lock size={26} />} title="For administrators">
      <p>
        Your role is {role}. Ask an administrator if you need {what}.
      </p>
    </Notice>
  );
}
