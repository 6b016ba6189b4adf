import { useEffect } from 'react';

/** Names the page in the browser's tab: "(3) Quarantine · Cordon". */
export function usePageTitle(title: string, waiting = 0): void {
  useEffect(() => {
    document.title = `${waiting > 0 ? `(${waiting}) ` : ''}${title} · Cordon`;
  }, [title, waiting]);
}
