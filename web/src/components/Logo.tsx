/** The mark: two posts and a striped barrier between them. */
export function Mark({ size = 22 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d="M5 3.5v17M19 3.5v17" stroke="currentColor" strokeWidth="2.2" strokeLinecap="round" />
      <path d="M5 8.6h14" stroke="var(--mark, var(--accent))" strokeWidth="4.4" />
      <path d="M8 10.8l2.6-4.4M13 10.8l2.6-4.4" stroke="var(--mark-gap, var(--nav))" strokeWidth="1.9" />
    </svg>
  );
}

export function Wordmark({ size = 22 }: { size?: number }) {
  return (
    <span style={{ display: 'inline-flex', alignItems: 'center', gap: 9 }}>
      <Mark size={size} />
      <span style={{ fontWeight: 600, fontSize: size * 0.77, letterSpacing: '0.02em' }}>cordon</span>
    </span>
  );
}
