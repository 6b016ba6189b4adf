import { type ComponentType, type LazyExoticComponent, lazy } from 'react';
import { ApiError } from '../api/errors';

type Load<N extends string> = () => Promise<Record<N, ComponentType>>;

/** A page that is loaded when it is first shown. */
export function page<N extends string>(name: N, load: Load<N>): LazyExoticComponent<ComponentType> {
  return lazy(async () => {
    try {
      return { default: (await load())[name] };
    } catch {
      throw new ApiError(
        0,
        'No answer',
        'This page did not come. Is Cordon running, and was it updated? Load it anew.',
      );
    }
  });
}

const files = import.meta.glob('../pages/*/*Page.tsx');

/** The folder in pages/ that a path of the address is shown by: its first part without hyphens. */
export const folderOf = (path: string): string => path.split('/')[1]?.replaceAll('-', '') || 'overview';

// A page that does not come now is asked for again when it is shown.
const quietly = (load: () => Promise<unknown>) => load().catch(() => undefined);

/** Begins to load the page of a path, while it is not known yet whether who asks may see it. */
export function loadAhead(path: string): void {
  const folder = `/${folderOf(path)}/`;
  for (const [file, load] of Object.entries(files)) if (file.includes(folder)) void quietly(load);
}

/** Loads all pages, one after the other, until stopped: then a link needs no server, and no other version of it. */
export async function loadTheRest(stopped: () => boolean): Promise<void> {
  for (const load of Object.values(files)) {
    if (stopped()) return;
    await quietly(load);
  }
}
