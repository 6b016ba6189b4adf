import { expect, it } from 'vitest';
import sheet from './mantine?raw';

type Files = Record<string, string>;
const ours = import.meta.glob('../**/*.tsx', { query: '?raw', import: 'default', eager: true }) as Files;
const library = import.meta.glob('/node_modules/@mantine/core/esm/**/*.mjs', {
  query: '?raw',
  import: 'default',
  eager: true,
}) as Files;

const fileOf = (component: string) => `/node_modules/@mantine/core/esm/components/${component}/${component}.mjs`;

/** The components that the dashboard imports. */
const components = [
  ...new Set(
    Object.values(ours)
      .flatMap((text) => [...text.matchAll(/import \{([^}]*)\} from '@mantine\/core'/g)])
      .flatMap((m) => [...(m[1] ?? '').matchAll(/\b[A-Z]\w+/g)].map((name) => name[0])),
  ),
].filter((name) => fileOf(name) in library);

/** Which style sheets a file of the library needs, itself and by what it imports. */
function sheetsOf(file: string, seen: Set<string>): string[] {
  const text = library[file];
  if (seen.has(file) || text === undefined) return [];
  seen.add(file);
  const own = /([^/]+)\.module\.mjs$/.exec(file)?.[1];
  if (own !== undefined) return [own];
  const imports = [...text.matchAll(/from "(\.[^"]+)"/g)].map((m) => new URL(m[1] ?? '', `file://${file}`).pathname);
  return imports.flatMap((i) => sheetsOf(i, seen));
}

it('has the styles of every component that is used, and no more', () => {
  expect(components.length).toBeGreaterThan(10);
  const had = [...sheet.matchAll(/styles\/([\w-]+)\.css/g)].map((m) => m[1]);
  const seen = new Set<string>();
  const needed = components.flatMap((c) => sheetsOf(fileOf(c), seen));
  expect(had.toSorted()).toEqual(['baseline', 'default-css-variables', 'global', ...needed].toSorted());
});
