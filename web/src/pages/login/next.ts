/** Where to go after the login: a path of our own, never another site. */
export function safeNext(wanted: string | null): string {
  if (wanted === null || !wanted.startsWith('/')) return '/';
  try {
    const url = new URL(wanted, 'http://cordon.invalid');
    if (url.host !== 'cordon.invalid' || url.pathname.startsWith('//')) return '/';
    return url.pathname === '/login' || url.pathname === '/setup' ? '/' : url.pathname + url.search;
  } catch {
    return '/';
  }
}
