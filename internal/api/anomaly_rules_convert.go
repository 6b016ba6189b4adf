package api

import (
	"go.cordon.dev/cordon/internal/anomaly"
	anomalyrule "go.cordon.dev/cordon/internal/anomaly/rule"
	"go.cordon.dev/cordon/internal/anomaly/rulebook"
)

func anomalyRule(l rulebook.Listed) AnomalyRule {
	out := AnomalyRule{
		ID: l.ID, On: []string{}, Steps: []AnomalyRuleStep{}, Origin: string(l.Origin), From: l.From, Enabled: l.Enabled, Problem: l.Problem,
		Opened: l.Hits.Opened, UpdatedAt: utcOrNull(l.UpdatedAt), UpdatedBy: orNull(l.UpdatedBy),
	}
	if !l.Hits.Last.IsZero() {
		last := utc(l.Hits.Last)
		out.LastOpenedAt = &last
	}
	if l.Rule != nil {
		describeAnomalyRule(&out, l.Rule)
	}
	return out
}

func describeAnomalyRule(out *AnomalyRule, r *anomalyrule.Rule) {
	out.Description, out.On, out.By, out.Form, out.Words = r.Description, r.Kinds(), string(r.By), string(r.Form), r.Words()
	out.Count, out.Window, out.Cooldown, out.Severity, out.Cost = r.Count, r.Window.Seconds(), r.Cooldown.Seconds(), r.Severity.String(), r.Cost()
	out.Steps = convert(r.Steps, func(s anomalyrule.Step) AnomalyRuleStep {
		return AnomalyRuleStep{On: texts(s.On), When: s.When, Count: s.Count}
	})
}

func anomalyRuleDetail(d rulebook.Detail) AnomalyRuleDetail {
	return AnomalyRuleDetail{
		AnomalyRule: anomalyRule(d.Listed), Text: d.Text,
		History: convert(d.History, func(s rulebook.Step) AnomalyRuleChange {
			return AnomalyRuleChange{Time: utc(s.At), Action: s.Action, What: s.What, OldText: s.OldText, NewText: s.NewText, Who: s.Who, Reason: s.Reason}
		}),
	}
}

func anomalyTry(t rulebook.Tried) AnomalyTry {
	out := AnomalyTry{Rule: t.Rule.ID, From: utc(t.From), To: utc(t.To), Records: t.Records, Cut: t.Cut, Cold: t.Cold, Draft: anomalyOutcome(t.Rule, t.Draft)}
	if t.Now != nil {
		now := anomalyOutcome(t.Now.Rule, t.Now.Outcome)
		now.Runs, out.Now = t.Now.Runs, &now
	}
	return out
}

func anomalyOutcome(r *anomalyrule.Rule, o anomaly.Outcome) AnomalyTryOutcome {
	return AnomalyTryOutcome{
		Words: r.Words(), Form: string(r.Form), Threshold: r.Count, Window: r.Window.Seconds(), Matched: o.Matched, Keyless: o.Keyless,
		Unjudged: o.Unjudged, Already: o.Already, Opened: o.Opened, Episodes: convert(o.Episodes, anomalyPlayed), Bucket: o.Width.Seconds(),
		Buckets: convert(o.Buckets, func(b anomaly.Bucket) AnomalyTryBucket {
			return AnomalyTryBucket{At: utc(b.At), Matched: b.Matched, Peak: b.Peak}
		}),
	}
}

func anomalyPlayed(p anomaly.Played) AnomalyTryEpisode {
	return AnomalyTryEpisode{
		KeyKind: p.KeyKind, Key: p.Key, Count: p.Count, Grown: p.Grown, OpenedAt: utc(p.OpenedAt), SeenAt: utc(p.SeenAt), ClosedAt: utcOrNull(p.ClosedAt),
		User: p.User, SourceIP: p.SourceIP, Detail: p.Detail,
	}
}
