/** What is wrong with an address or network as far as one can see without asking the server; empty: nothing. */
export function wrongNetwork(text: string): string {
  const t = text.trim();
  if (t === '') return '';
  return /^[0-9a-f.:]+(\/\d{1,3})?$/i.test(t) && /[.:]/.test(t) ? '' : 'Such as 203.0.113.9, or 203.0.113.0/24';
}

/** Whether an address is the machine's own, which is never blocked; of others the server judges. */
export const isLoopback = (address: string): boolean => /^(127\.|::1$|::ffff:127\.)/i.test(address);
