package leak

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/leak/source"
)

// ledgerTimeout bounds one call of the ledger.
const ledgerTimeout = 30 * time.Second

// watcher runs one watch. It is the source's sink.
type watcher struct {
	Watch
	deps   *Deps
	policy Policy // as it was when the watch was added: a message is judged by one

	mu     sync.Mutex
	status SourceStatus
	states chan event.Event // state changes on their way to the store, nil when not running
	said   string           // the detail that was logged last
}

func newWatcher(d *Deps, w Watch) *watcher {
	policy := d.Policy
	if w.Override != nil {
		policy = w.Override(policy)
	}
	return &watcher{Watch: w, deps: d, policy: policy, status: SourceStatus{
		ID: w.ID, Kind: w.Kind, Path: w.Path, Types: w.Types, Since: d.Clock.Now(), Status: source.Status{State: source.Waiting},
	}}
}

func (w *watcher) snapshot() SourceStatus {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.status
}

// run follows the source until ctx ends or the input does. What breaks, the
// source or the store, ends it with an error; run again, as its supervisor
// does after a pause, the source goes on behind what was committed.
func (w *watcher) run(ctx context.Context) error {
	stop := w.announce(context.WithoutCancel(ctx))
	defer stop()
	if err := w.follow(ctx); err != nil {
		fault := &fault{said: w.safe(err.Error()), err: err}
		w.Report(source.Status{State: source.Failing, Detail: fault.said})
		return fault
	}
	if w.snapshot().State != source.Stopped { // else it said so in its own words
		w.Report(source.Status{State: source.Stopped})
	}
	return nil
}

// fault is a source's error in words that are fit to be logged and stored, as whoever
// runs the watch does.
type fault struct {
	said string
	err  error
}

func (f *fault) Error() string { return f.said }

// Unwrap is for whoever asks what it is; it is not to be shown.
func (f *fault) Unwrap() error { return f.err }

func (w *watcher) follow(ctx context.Context) error {
	readCtx, cancel := context.WithTimeout(ctx, ledgerTimeout)
	from, err := w.deps.Ledger.Position(readCtx, w.ID)
	cancel()
	if err != nil {
		return fmt.Errorf("reading the position of %s: %w", w.ID, err)
	}
	return w.Source.Run(ctx, from, w)
}

// Deliver implements source.Sink: it scans a batch and commits what it led to
// together with the position.
func (w *watcher) Deliver(ctx context.Context, b source.Batch) error {
	started := w.deps.Clock.Now()
	d := newDraft(w.deps, w.Watch, w.policy, started)
	for _, e := range b.Entries {
		d.scan(e)
	}
	scanned := w.deps.Clock.Now()
	took := scanned.Sub(started)
	commit, err := d.commit(b.Position, took)
	if err != nil {
		return fmt.Errorf("drafting rows of %s: %w", w.ID, err)
	}

	ctx, cancel := context.WithTimeout(ctx, ledgerTimeout)
	defer cancel()
	added, err := w.deps.Ledger.Commit(ctx, commit)
	if err != nil {
		return fmt.Errorf("committing entries of %s: %w", w.ID, err)
	}
	w.tellStories(d, b, started, scanned, w.deps.Clock.Now())
	w.count(d, b, added, took)
	return nil
}

// count makes visible what is durable now.
func (w *watcher) count(d *draft, b source.Batch, added int, took time.Duration) {
	w.deps.Metrics.Scanned(d.messages, took)
	w.deps.Metrics.Quarantined(added)
	for _, f := range d.findings {
		w.deps.Metrics.Detected(f.Value.SecretType, f.Value.Severity)
		if f.Value.QuarantineID == "" {
			w.logWeak(f.Value)
		}
	}
	for _, q := range d.quarantine {
		w.logDetection(q.Value)
	}
	for _, l := range b.Losses {
		w.deps.Log.Warn("not scanned", "source_id", w.ID, "from", l.From, "to", l.To, "reason", w.safe(l.Reason))
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.status.Messages += uint64(d.messages)
	w.status.Secrets += uint64(len(d.findings))
	w.status.NotScanned += uint64(d.notScanned) + lost(b.Losses)
	w.status.Tried = true
	if n := len(b.Entries); n > 0 && b.Entries[n-1].Indexed {
		index := b.Entries[n-1].Index
		w.status.Index = &index
	}
}

func lost(losses []source.Loss) uint64 {
	var n uint64
	for _, l := range losses {
		n += max(1, l.To-min(l.From, l.To))
	}
	return n
}

// logDetection writes the line whose fields the sentinel's plan names.
func (w *watcher) logDetection(q Quarantine) {
	w.deps.Log.Warn("secret detected", "event", "secret_detected", "correlation_id", q.CorrelationID,
		"secret_type", q.SecretType, "severity", q.Severity.String(), "hypercore_position", number(q.Index),
		"bzzz_message_id", q.MessageID, "redacted_content", q.RedactedContent, "source_id", q.SourceID)
}

// logWeak writes a line of the same form for a finding below the policy's bar.
func (w *watcher) logWeak(f Finding) {
	w.deps.Log.Info("finding below the bar of quarantine", "event", "finding_detected", "correlation_id", f.CorrelationID,
		"secret_type", f.SecretType, "severity", f.Severity.String(), "hypercore_position", number(f.Index),
		"bzzz_message_id", f.MessageID, "redacted_content", f.Redacted, "source_id", f.SourceID)
}

// number is what a log line shows of an index that may be missing.
func number(n *uint64) any {
	if n == nil {
		return nil
	}
	return *n
}

// safe makes a source's words fit to be shown: the name of a file may be a
// secret.
func (w *watcher) safe(text string) string {
	if text == "" {
		return ""
	}
	return safe(w.deps.Scanner, text, nil, maxContent)
}

// Report implements source.Sink.
func (w *watcher) Report(s source.Status) {
	s.Detail = w.safe(s.Detail)
	w.mu.Lock()
	defer w.mu.Unlock()
	changed := w.status.State != s.State || !w.status.Tried
	if s.Index == nil {
		s.Index = w.status.Index
	}
	s.Damaged = s.Damaged || w.status.Damaged
	w.status.Status, w.status.Tried = s, true
	w.say(s, changed)
	if !changed {
		return
	}
	w.status.Since = w.deps.Clock.Now()
	w.tell(s)
}

// say logs a new state, and what is wrong when that is new.
func (w *watcher) say(s source.Status, changed bool) {
	news := s.Detail != "" && s.Detail != w.said
	if !changed && !news {
		return
	}
	level := slog.LevelInfo
	if s.State == source.Failing || news && s.State == source.Live {
		level = slog.LevelWarn
	}
	w.said = s.Detail
	w.deps.Log.Log(context.Background(), level, "source", "source_id", w.ID, "kind", w.Kind, "state", string(s.State), "detail", s.Detail)
}

// tell hands a state change to announce; it never blocks. When the store is
// away for long, states that nobody could store are dropped: the status itself
// is current in any case.
func (w *watcher) tell(s source.Status) {
	severity := event.Info
	if s.State == source.Failing {
		severity = event.Medium
	}
	e, err := event.New(event.Header{Time: w.deps.Clock.Now(), Source: w.deps.Node, Severity: severity, Subject: w.ID},
		event.SourceStateChanged{SourceID: w.ID, Kind: w.Kind, State: string(s.State), Detail: s.Detail, Position: s.Index})
	if err != nil {
		w.deps.Log.Error("telling a source's state", "source_id", w.ID, "error", err)
		return
	}
	select {
	case w.states <- e:
	default:
	}
}

// announce stores state changes, in order, until the returned function is
// called.
func (w *watcher) announce(ctx context.Context) (stop func()) {
	states := make(chan event.Event, 32)
	w.mu.Lock()
	w.states = states
	w.mu.Unlock()
	var wg sync.WaitGroup
	wg.Go(func() {
		for e := range states {
			ctx, cancel := context.WithTimeout(ctx, ledgerTimeout)
			if err := w.deps.Emit(ctx, e); err != nil {
				w.deps.Log.Warn("storing a source's state", "source_id", w.ID, "error", err)
			}
			cancel()
		}
	})
	return func() {
		w.mu.Lock()
		w.states = nil
		w.mu.Unlock()
		close(states)
		wg.Wait()
	}
}
