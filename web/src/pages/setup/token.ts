let taken: string | undefined;

/**
 * Takes the one-time token out of the address (#token=...), where it must not
 * stay: addresses end up in histories and screenshots.
 */
export function takeToken(): string {
  const found = new URLSearchParams(window.location.hash.slice(1)).get('token');
  if (found !== null) {
    taken = found;
    window.history.replaceState(null, '', window.location.pathname);
  }
  return taken ?? '';
}
