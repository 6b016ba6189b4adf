import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import classes from './Access.module.css';
import { areas, toggle } from './scopes';

type Props = { scopes: string[]; onChange: (scopes: string[]) => void };

const widths = [
  { value: 'all', label: 'All of the role' },
  { value: 'some', label: 'Only some areas' },
];

/** Narrows a key: nothing chosen means all that its role may do. */
export function ScopePicker({ scopes, onChange }: Props) {
  const [width, setWidth] = useState('all');
  const choose = (w: string) => {
    setWidth(w);
    onChange([]);
  };
  return (
    <fieldset className={classes.scopes}>
      <legend>May do</legend>
      <SegmentedControl size="xs" data={widths} value={width} onChange={choose} aria-label="May do" />
      {width === 'some' && (
        <table>
          <thead>
            <tr>
              <th scope="col">Area</th>
              <th scope="col">read</th>
              <th scope="col">write</th>
            </tr>
          </thead>
          <tbody>
            {areas.map((a) => (
              <tr key={a.name}>
                <th scope="row">
                  {a.name} <span>{a.text}</span>
                </th>
                {['read', 'write'].map((verb) => (
                  <td key={verb}>
                    <Box scope={`${a.name}:${verb}`} scopes={scopes} onChange={onChange} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {width === 'some' && <p>Writing does not include reading. What is above the role stays refused.</p>}
    </fieldset>
  );
}

function Box({ scope, scopes, onChange }: Props & { scope: string }) {
  return (
    <input
      type="checkbox"
      aria-label={scope}
      checked={scopes.includes(scope)}
      onChange={() => onChange(toggle(scopes, scope))}
    />
  );
}
