const words: Record<string, string> = {
  plaintext: 'password',
  ssh_public_key: 'SSH key',
  postgres_md5_challenge: 'PostgreSQL, MD5 answer',
  postgres_scram_proof: 'PostgreSQL, SCRAM proof',
  mysql_native_challenge: 'MySQL, SHA-1 answer',
  mysql_sha2_challenge: 'MySQL, SHA-256 answer',
  http_digest: 'HTTP digest',
};

/** Every kind that a decky's service knows. */
export const kinds = Object.keys(words);

/** What a kind is called; one that is new is called by its own name. */
export const wordOf = (kind: string): string => words[kind] ?? kind;

/** Whether the fingerprint is the same wherever it is tried. What answers a challenge is another value each time. */
export const comparable = (kind: string): boolean => kind === 'plaintext' || kind === 'ssh_public_key';
