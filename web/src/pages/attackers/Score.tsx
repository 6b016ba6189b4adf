import classes from './Attackers.module.css';

/** How grave an attacker is: the number, and a bar of that length. */
export function Score({ score }: { score: number }) {
  return (
    <span className={classes.score} title={`${score} of 100`}>
      <span className="num">{score}</span>
      <Bar points={score} of={100} />
    </span>
  );
}

export function Bar({ points, of }: { points: number; of: number }) {
  const width = of <= 0 ? 0 : Math.min(100, Math.max(0, (points / of) * 100));
  return (
    <svg className={classes.bar} viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
      <rect className={classes.ground} width="100" height="6" />
      <rect className={classes.points} width={width} height="6" data-grave={points >= 75 || undefined} />
    </svg>
  );
}
