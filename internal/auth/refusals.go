package auth

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/clock"
)

// How failed logins enter the audit log: the first of a name from an address at
// once, what follows within refusalSpan as one record with a count. At most
// maxRefusals pairs of name and address are told apart in a span; the rest is
// counted together, so that nobody can flood the log.
const (
	refusalSpan     = time.Minute
	maxRefusals     = 100
	refusalDeadline = 5 * time.Second
)

// The targets of failed logins that name nobody.
const (
	unknownName = "(unknown)"
	manyNames   = "(many)"
)

// refusals gathers failed logins for the audit log.
type refusals struct {
	audit AuditStore
	clock clock.Clock
	log   *slog.Logger

	mu    sync.Mutex
	open  map[refusal]*refused
	rest  refused // of those that are too many to be told apart
	began time.Time
}

// refusal is what failed logins are told apart by. The name is a user's, or a
// mark in place of what was typed.
type refusal struct{ name, addr string }

// refused counts what is not in the audit log yet.
type refused struct {
	wrong   int // name or password
	tooMany int // not looked at, because there were too many
	since   time.Time
}

func (r refused) total() int { return r.wrong + r.tooMany }

// add counts a failed login; it reports whether the audit log is to have it now.
func (r *refusals) add(k refusal, tooMany bool) (now bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.open) == 0 && r.rest.total() == 0 {
		r.began = r.clock.Now()
	}
	count, known := r.open[k]
	if !known && len(r.open) < maxRefusals {
		if r.open == nil {
			r.open = map[refusal]*refused{}
		}
		r.open[k] = &refused{}
		return true
	}
	if !known {
		count = &r.rest
	}
	if count.since.IsZero() {
		count.since = r.clock.Now()
	}
	if tooMany {
		count.tooMany++
	} else {
		count.wrong++
	}
	return false
}

// take returns what was counted, and begins a new span; without force only when
// the span is over.
func (r *refusals) take(force bool) (map[refusal]*refused, refused) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !force && r.clock.Now().Sub(r.began) < refusalSpan {
		return nil, refused{}
	}
	open, rest := r.open, r.rest
	r.open, r.rest = nil, refused{}
	return open, rest
}

// refuse puts a failed login into the audit log and the program's log.
func (r *refusals) refuse(ctx context.Context, k refusal, tooMany bool) {
	r.flush(ctx, false)
	if !r.add(k, tooMany) {
		return
	}
	one := refused{wrong: 1}
	if tooMany {
		one = refused{tooMany: 1}
	}
	if err := r.record(ctx, k, one); err != nil {
		r.log.ErrorContext(ctx, "login refused, and the audit log could not be written", "event", "login_refused", "user", k.name, "addr", k.addr, "error", err)
		return
	}
	r.log.WarnContext(ctx, "login refused", "event", "login_refused", "user", k.name, "addr", k.addr)
}

// flush records what was counted. What cannot be recorded goes to the log.
func (r *refusals) flush(ctx context.Context, force bool) {
	open, rest := r.take(force)
	if rest.total() > 0 {
		if open == nil {
			open = map[refusal]*refused{}
		}
		open[refusal{name: manyNames}] = &rest
	}
	keys := slices.SortedFunc(maps.Keys(open), func(a, b refusal) int { return strings.Compare(a.name+" "+a.addr, b.name+" "+b.addr) })
	for _, k := range keys {
		if open[k].total() == 0 {
			continue
		}
		if err := r.record(ctx, k, *open[k]); err != nil {
			r.log.ErrorContext(ctx, "logins refused, and the audit log could not be written", "event", "login_refused", "user", k.name, "addr", k.addr, "attempts", open[k].total(), "error", err)
		}
	}
}

func (r *refusals) record(ctx context.Context, k refusal, n refused) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), refusalDeadline)
	defer cancel()
	by := Principal{Kind: KindUser, Name: k.name, Addr: k.addr}
	if strings.HasPrefix(k.name, "(") {
		by.Name = ""
	}
	entry := by.Act(r.clock.Now(), ActionLoginFailed, k.name, "")
	about := map[string]any{"attempts": n.total()}
	if n.tooMany > 0 {
		about["not_looked_at"] = n.tooMany
	}
	if !n.since.IsZero() {
		about["since"] = n.since.UTC().Truncate(time.Second)
	}
	entry.After = facts(about)
	return r.audit.RecordAudit(ctx, entry)
}

// run records what was counted, each minute and when ctx ends.
func (r *refusals) run(ctx context.Context) error {
	for {
		select {
		case <-r.clock.After(refusalSpan):
			r.flush(ctx, false)
		case <-ctx.Done():
			r.flush(ctx, true)
			return nil
		}
	}
}
