import type { GossipGateway } from '../../api/types';
import { SafeText } from '../../components/Text';
import { count } from '../../lib/format';
import classes from './Gateway.module.css';
import { ofAll } from './shorten';

export function Topics({ gateway: g }: { gateway: GossipGateway }) {
  return (
    <section className={classes.part} aria-label="Topics">
      <h3 className={classes.title}>
        Topics <span className={classes.quiet}>{ofAll(g.topics.length, g.topics_total)}</span>
      </h3>
      {g.topics.length === 0 ? (
        <p className={classes.quiet}>No node has subscribed to anything.</p>
      ) : (
        <Table gateway={g} />
      )}
    </section>
  );
}

function Table({ gateway: g }: { gateway: GossipGateway }) {
  return (
    <section className={classes.scroll} tabIndex={0} aria-label="Topics that are passed on">
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Topic</th>
            {['Nodes A', 'Nodes B', 'Relayed', 'Withheld'].map((name) => (
              <th key={name} scope="col" className={classes.figure}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {g.topics.map((t) => (
            <tr key={t.name}>
              <td>
                <SafeText mono>{t.name}</SafeText>
              </td>
              <td className={`${classes.figure} num`}>{count(t.peers_a)}</td>
              <td className={`${classes.figure} num`}>{count(t.peers_b)}</td>
              <td className={`${classes.figure} num`}>{count(t.relayed)}</td>
              <td className={`${classes.figure} num`} data-some={t.withheld > 0 || undefined}>
                {count(t.withheld)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
