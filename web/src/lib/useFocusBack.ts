import { useEffect, useState } from 'react';

/**
 * Gives the focus back, when a dialog goes that was there from its first moment, to what had it before; if that is
 * gone, to the page. Mantine does so for dialogs alone that open and close while they stay mounted.
 */
export function useFocusBack(): void {
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      window.setTimeout(() => {
        if (document.activeElement !== null && document.activeElement !== document.body) return;
        const there = before instanceof HTMLElement && before.isConnected && before !== document.body;
        (there ? before : document.getElementById('main'))?.focus({ preventScroll: true });
      });
    },
    [before],
  );
}
