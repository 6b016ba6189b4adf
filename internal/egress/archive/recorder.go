package archive

import (
	"context"
	"log/slog"
	"net/netip"
	"sync/atomic"
	"time"

	"go.cordon.dev/cordon/internal/egress"
	"go.cordon.dev/cordon/internal/egress/ledger"
)

// Deadlines of a record.
const (
	decisionWait = 5 * time.Second
	endWait      = 5 * time.Second
)

// Recorder writes what the gateway decides into the ledger. It implements
// egress.Recorder.
type Recorder struct {
	ledger *ledger.Ledger
	strict func() bool
	log    *slog.Logger

	allowed, denied, missed atomic.Uint64
}

var _ egress.Recorder = (*Recorder)(nil)

// NewRecorder returns a Recorder. While strict says so, what cannot be recorded
// does not pass.
func NewRecorder(l *ledger.Ledger, strict func() bool, log *slog.Logger) *Recorder {
	return &Recorder{ledger: l, strict: strict, log: log}
}

// Decided implements egress.Recorder: it returns once the decision is on the
// disk. An error in a mode that only watches is counted, and let pass.
func (r *Recorder) Decided(ctx context.Context, rec egress.Record) error {
	if rec.Decision.Allowed() {
		r.allowed.Add(1)
	} else {
		r.denied.Add(1)
	}
	ctx, cancel := context.WithTimeout(ctx, decisionWait)
	defer cancel()
	_, err := r.ledger.Append(ctx, entry(ledger.Decision, rec))
	if err == nil {
		return nil
	}
	r.missed.Add(1)
	if !r.strict() {
		return nil // the ledger has said so in the log
	}
	return err
}

// Ended implements egress.Recorder.
func (r *Recorder) Ended(rec egress.Record) {
	ctx, cancel := context.WithTimeout(context.Background(), endWait)
	defer cancel()
	if _, err := r.ledger.Append(ctx, entry(ledger.End, rec)); err != nil {
		r.missed.Add(1)
		r.log.Debug("the end of a flow was not recorded", "flow", rec.Flow, "error", err)
	}
}

// Counts are the decisions since the start, and the records that could not be
// written.
func (r *Recorder) Counts() (allowed, denied, missed uint64) {
	return r.allowed.Load(), r.denied.Load(), r.missed.Load()
}

func entry(kind string, r egress.Record) ledger.Entry {
	d := r.Decision
	var findings []ledger.Finding
	for _, f := range r.Findings {
		findings = append(findings, ledger.Finding{Rule: f.Rule, Redacted: f.Redacted, Fingerprint: f.Fingerprint})
	}
	return ledger.Entry{
		Kind: kind, Flow: r.Flow, Time: r.Time, Decision: verdict(d.Allowed()), Rule: d.RuleID, Reason: string(d.Reason), Detail: d.Detail, Would: string(d.Would),
		Entrance: string(r.Entry), Client: addr(r.Client.Addr()), Host: r.Host, Port: r.Port, Address: addr(r.Address), Protocol: string(r.Protocol),
		Method: r.Method, URL: r.URL.Reveal(), BytesOut: r.BytesOut, BytesIn: r.BytesIn, Cut: r.Cut, Findings: findings,
		Origin: r.Origin, Subject: r.Subject,
		PID: r.Program.PID, Exe: r.Program.Exe, Cmdline: r.Program.Cmdline,
	}
}

// verdict is allow or deny, whatever else a Result may hold.
func verdict(allowed bool) string {
	if allowed {
		return "allow"
	}
	return "deny"
}

func addr(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.Unmap().String()
}
