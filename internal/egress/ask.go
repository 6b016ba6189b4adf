package egress

import (
	"context"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/id"
)

// Question is what a program asks that guards itself, before it sends.
type Question struct {
	Request policy.Request // without its time and entry
	Final   bool           // nothing more will be known
	Source  Source
}

// Ask judges as for a client of the gateway, and records denials and final answers.
// What happens then is the program's: no byte is seen here, so that nothing is
// counted and nothing can be cut.
func (g *Gateway) Ask(ctx context.Context, q Question) policy.Decision {
	r := q.Request
	r.Time, r.Entry = g.o.Clock.Now(), string(EntryLibrary)
	d := g.decide(r)
	if g.secretIn(r.Host) {
		d, r.Host = denial(policy.ReasonLeak, "a secret was found in the name of the host"), ""
	}
	if d.Allowed() && !d.Budget.IsZero() {
		d = policy.Decision{Result: policy.Deny, Reason: policy.ReasonDataBudget, RuleID: d.RuleID, Detail: "rule " + d.RuleID + " has a data_budget, which is counted by the gateway only: send through it"}
	}
	if d.Allowed() && !q.Final {
		return d
	}
	rec := Record{
		Flow: id.New(), Time: r.Time, Entry: EntryLibrary, Decision: d, Host: r.Host, Port: r.Port, Address: r.Address,
		Protocol: r.Protocol, TLS: r.TLS, Method: r.Method, Program: r.Program, Source: q.Source,
	}
	return g.answered(ctx, rec, moved{}) // what is sent is not seen
}

// secretIn reports whether a host's name holds a secret: it would leave with the
// first question to a name server, and stand in the record.
func (g *Gateway) secretIn(host string) bool {
	i := g.o.Inspector()
	return i != nil && len(i.Name("name of the host", host).Findings) > 0
}

// moved is how many bytes an answer lets pass, out of a program and in.
type moved struct{ out, in int64 }

// answered records an answer, and what comes of it. One that cannot be recorded is a
// denial.
func (g *Gateway) answered(ctx context.Context, rec Record, m moved) policy.Decision {
	err := g.o.Recorder.Decided(ctx, rec)
	if err != nil {
		g.o.Log.Error("egress: an answer to a program was not recorded", "flow", rec.Flow, "error", err)
	}
	switch d := rec.Decision; {
	case !d.Allowed():
		g.totals.denied(d.Reason)
		g.blocked.add(rec)
		return d
	case err != nil:
		g.totals.denied(ReasonAuditUnavailable)
		return denial(ReasonAuditUnavailable, "the decision could not be recorded, and nothing leaves unrecorded")
	default:
		g.totals.allowed.Add(1)
		rec.BytesOut, rec.BytesIn = m.out, m.in
		g.totals.out.Add(m.out)
		g.totals.in.Add(m.in)
		g.o.Recorder.Ended(rec)
		return d
	}
}
