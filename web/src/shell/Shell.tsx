import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { ErrorBoundary } from '../components/ErrorBoundary';
import { LiveProvider } from '../live/LiveProvider';
import { useLiveCache } from '../live/useLiveCache';
import { ConnectionBanner } from './ConnectionBanner';
import { Nav } from './Nav';
import { PaletteProvider } from './palette/Palette';
import { SessionEnded } from './SessionEnded';
import classes from './Shell.module.css';
import { TopBar } from './TopBar';
import { usePagesAhead } from './usePagesAhead';

export function Shell({ children }: { children: ReactNode }) {
  return (
    <LiveProvider>
      <PaletteProvider>
        <Frame>{children}</Frame>
      </PaletteProvider>
    </LiveProvider>
  );
}

function Frame({ children }: { children: ReactNode }) {
  useLiveCache();
  usePagesAhead();
  const [open, setOpen] = useState(false);
  const [path] = useLocation();
  const section = path.split('/')[1] ?? '';
  const main = useRef<HTMLElement>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new page closes the menu and starts at its top
  useEffect(() => {
    setOpen(false);
    main.current?.scrollTo(0, 0);
  }, [section]);

  return (
    <div className={classes.shell} data-open={open || undefined}>
      <a className="skip-link" href="#main">
        Skip to content
      </a>
      <TopBar open={open} onToggle={() => setOpen(!open)} />
      <Nav onEscape={() => setOpen(false)} />
      {open && (
        <button type="button" className={classes.veil} aria-label="Close the menu" onClick={() => setOpen(false)} />
      )}
      <div className={classes.content}>
        <SessionEnded />
        <ConnectionBanner />
        <main id="main" ref={main} className={classes.main} tabIndex={0}>
          <ErrorBoundary key={section}>{children}</ErrorBoundary>
        </main>
      </div>
    </div>
  );
}
