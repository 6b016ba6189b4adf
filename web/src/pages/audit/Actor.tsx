import { Bot, Cpu, KeyRound, type LucideIcon, User } from 'lucide-react';
import type { AuditRecord } from '../../api/types';
import { SafeText } from '../../components/Text';
import classes from './Audit.module.css';

const kinds: Record<string, { icon: LucideIcon; text: string }> = {
  user: { icon: User, text: 'user' },
  api_key: { icon: KeyRound, text: 'API key' },
  local: { icon: Cpu, text: "the machine's own account" },
  system: { icon: Bot, text: 'Cordon itself' },
};

export const kindOf = (kind: string): string => kinds[kind]?.text ?? kind;

/** Who did it; the icon tells what kind of caller that is. */
export function Actor({ actor }: { actor: AuditRecord['actor'] }) {
  const Icon = kinds[actor.kind]?.icon ?? User;
  return (
    <span className={classes.actor} title={kindOf(actor.kind)}>
      <Icon size={14} aria-hidden="true" />
      <SafeText>{actor.name}</SafeText>
      <span className="sr-only">, {kindOf(actor.kind)}</span>
    </span>
  );
}
