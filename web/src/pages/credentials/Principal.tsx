import frame from '../../components/ListPage.module.css';
import { SafeText } from '../../components/Text';

/** As whom somebody tried to log in; some protocols ask for nobody. */
export function Principal({ name }: { name: string }) {
  return name === '' ? <span className={frame.quiet}>no name</span> : <SafeText mono>{name}</SafeText>;
}
