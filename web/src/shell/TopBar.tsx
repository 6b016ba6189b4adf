import { Menu as MenuIcon, X } from 'lucide-react';
import { Wordmark } from '../components/Logo';
import { PaletteIcon } from './palette/Palette';
import classes from './Shell.module.css';

/** The bar of narrow screens. */
export function TopBar({ open, onToggle }: { open: boolean; onToggle: () => void }) {
  return (
    <div className={classes.topbar}>
      <Wordmark size={20} />
      <span className={classes.topActions}>
        <PaletteIcon />
        <button type="button" aria-label="Menu" aria-expanded={open} aria-controls="nav" onClick={onToggle}>
          {open ? <X size={20} /> : <MenuIcon size={20} />}
        </button>
      </span>
    </div>
  );
}
