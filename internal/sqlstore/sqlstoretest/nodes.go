package sqlstoretest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	stdsync "sync"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/anomaly"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/planted"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/follow"
	"go.cordon.dev/cordon/internal/incident"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

// RunNodes is what two nodes do that share a database of a server, newURL a fresh one
// with its tables: whatever both do at once is done once.
func RunNodes(t *testing.T, newURL func(t testing.TB) string) {
	for _, c := range []struct {
		name string
		test func(p *pair)
	}{
		{"what both find quiet is closed once", (*pair).closeTogether},
		{"what both resolve is resolved once, and the other is told so", (*pair).resolveTogether},
		{"what both have read is one incident, by every join and in every order", (*pair).joinTogether},
		{"one merges and splits while the other observes", (*pair).splitWhileObserving},
	} {
		t.Run(c.name, func(t *testing.T) {
			url, now := newURL(t), clock.NewFake(noon)
			p := &pair{t: t, now: now}
			for k := range p.nodes {
				p.nodes[k] = storetest.Open(t, store.Options{URL: url, Clock: now})
			}
			c.test(p)
		})
	}
}

// pair is two nodes with one database.
type pair struct {
	t     *testing.T
	now   *clock.Fake
	nodes [2]*store.Store
	seq   int64
}

// both has the nodes do something at once. One must be able to; it returns what the
// other is told.
func (p *pair) both(do func(ctx context.Context, node int, db *store.Store) error) error {
	p.t.Helper()
	var errs [2]error
	var ready, done stdsync.WaitGroup
	ready.Add(len(p.nodes))
	for k, db := range p.nodes {
		done.Go(func() {
			ready.Done()
			ready.Wait()
			errs[k] = do(storetest.Context(p.t), k, db)
		})
	}
	done.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		p.t.Fatalf("both say %v and %v; one was to do it", errs[0], errs[1])
	}
	return errors.Join(errs[:]...)
}

// said counts events by the last part of their topics.
func (p *pair) said(of string) (n int) {
	p.t.Helper()
	for at := (event.Cursor{}); ; {
		records, err := p.nodes[0].Events(storetest.Context(p.t), at, 500)
		must(p.t, err)
		for _, r := range records {
			if at = r.Cursor; strings.HasSuffix(r.Event.Topic, "."+of) {
				n++
			}
		}
		if len(records) == 0 {
			return n
		}
	}
}

const rounds = 10

func (p *pair) closeTogether() {
	first := sqlstore.NewAnomalies(p.nodes[0])
	for k := range rounds {
		e := episode(k, fmt.Sprint("203.0.113.", k))
		must(p.t, commitFrom(p.t, first, int64(k), anomaly.Change{Episode: e, Fresh: true}))
		err := p.both(func(ctx context.Context, node int, db *store.Store) error {
			closed := over(e, noon.Add(time.Duration(1+node)*time.Minute))
			said, err := closed.Event(event.AnomalyClosed, fmt.Sprint("n", node, "/anomaly"), noon)
			if err != nil {
				return err
			}
			at := cursor(int64(k + 1)) // the log has nothing new
			return sqlstore.NewAnomalies(db).Commit(ctx, anomaly.Commit{From: at, Next: at, Changes: []anomaly.Change{{Episode: closed}}, Events: []event.Event{said}})
		})
		if !errors.Is(err, follow.ErrMoved) {
			p.t.Errorf("the second is told %v", err)
		}
	}
	same(p.t, "events", 2*rounds, p.said("detected")) // opened and closed
}

func (p *pair) resolveTogether() {
	for k := range rounds {
		print := fmt.Sprint("v1:k:", k)
		p.seq++
		observe(p.t, sqlstore.NewIncidents(p.nodes[0]), p.seq, observation(print, incident.Leak))
		i := p.only(incident.Key{Kind: incident.Secret, Value: print})
		err := p.both(func(ctx context.Context, node int, db *store.Store) error {
			name := []string{"ada", "bob"}[node]
			_, err := sqlstore.NewIncidents(db).ActOnIncident(ctx, i.ID, incident.Act{Verb: incident.Resolve, By: name, Reason: "revoked"}, actedBy(name, "incident.resolve"), "n/api")
			return err
		})
		var refused *incident.ActError
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), "resolved already") {
			p.t.Errorf("the second is told %v", err)
		}
		if i := p.only(i.Key); i.State != incident.Resolved || i.Version != 2 {
			p.t.Errorf("%+v", i)
		}
	}
	same(p.t, "closed", rounds, p.said("closed"))
	same(p.t, "audit entries", rounds, len(actions(p.t, p.nodes[1])))
}

// only is the one incident of a key.
func (p *pair) only(k incident.Key) (found incident.Incident) {
	p.t.Helper()
	n := 0
	all, err := sqlstore.NewIncidents(p.nodes[1]).ListIncidents(storetest.Context(p.t), incident.Filter{}, "", 1_000)
	must(p.t, err)
	for _, i := range all {
		if i.Key == k {
			found, n = i, n+1
		}
	}
	same(p.t, fmt.Sprintf("incidents of %s %s", k.Kind, k.Value), 1, n)
	return found
}

// joinTogether has both nodes tell of the same three facts, at once and in all orders.
func (p *pair) joinTogether() {
	facts, n := joinedFacts(), 0
	for _, join := range incident.Joins() {
		for _, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
			n++
			all := facts[join](p, n)
			for _, k := range order {
				p.tellBoth(all[k])
			}
			i := p.only(all[0].Key)
			same(p.t, fmt.Sprint(join, " in the order ", order), []any{join, incident.Triggered}, []any{i.Join, i.State})
			if i.Observations < 2 || i.Observations > 3 { // of what waits, the newest of a sensor is kept
				p.t.Errorf("%s in the order %v: %d observations", join, order, i.Observations)
			}
		}
	}
	same(p.t, "opened", n, p.said("opened"))
	same(p.t, "closed", 0, p.said("closed"))
}

func (p *pair) tellBoth(o incident.Observation) {
	p.t.Helper()
	p.now.Advance(time.Second)
	from, err := p.nodes[0].Cursor(storetest.Context(p.t), "incident")
	must(p.t, err)
	p.seq++
	read := follow.Span{Consumer: "incident", From: from, Next: event.Cursor{Day: "2026-11-21", Seq: p.seq}}
	err = p.both(func(ctx context.Context, node int, db *store.Store) error {
		return sqlstore.NewIncidents(db).Observe(ctx, read, []incident.Observation{o}, fmt.Sprint("n", node, "/incident"))
	})
	if !errors.Is(err, follow.ErrMoved) {
		p.t.Errorf("the second is told %v", err)
	}
}

// joinedFacts are three facts of one key for each join, the n-th of their kind.
func joinedFacts() map[string]func(p *pair, n int) [3]incident.Observation {
	address := func(p *pair, n int, sensors ...incident.Sensor) (all [3]incident.Observation) {
		for k, s := range sensors {
			all[k] = half(incident.Key{Kind: incident.Address, Value: fmt.Sprint("198.51.100.", n)}, s, p.now.Now())
		}
		return all
	}
	return map[string]func(p *pair, n int) [3]incident.Observation{
		incident.LeakedSecretInUse: func(_ *pair, n int) [3]incident.Observation {
			print := fmt.Sprint("v1:k:", n)
			return [3]incident.Observation{observation(print, incident.Leak), tried(print), observation(print, incident.Egress)}
		},
		incident.PlantedSecretSeen: func(p *pair, n int) [3]incident.Observation {
			print := fmt.Sprint("v1:k:", n)
			must(p.t, sqlstore.NewPlanted(p.nodes[n%2]).Plant(storetest.Context(p.t), "n", []planted.Secret{{Fingerprint: print, Decky: "web-1", Place: "x"}}))
			guess := tried(print)
			guess.Waits = true
			return [3]incident.Observation{observation(print, incident.Leak), guess, observation(print, incident.Egress)}
		},
		incident.AttackerUsedKey: func(p *pair, n int) [3]incident.Observation {
			return address(p, n, incident.Access, incident.Deception, incident.Anomaly)
		},
		incident.AnomalousAttacker: func(p *pair, n int) [3]incident.Observation {
			return address(p, n, incident.Anomaly, incident.Deception, incident.Anomaly)
		},
		incident.AttackersHostWanted: func(p *pair, n int) (all [3]incident.Observation) {
			for k, s := range []incident.Sensor{incident.Deception, incident.Egress, incident.Egress} {
				all[k] = half(incident.Key{Kind: incident.Host, Value: fmt.Sprint("h", n, ".example")}, s, p.now.Now())
			}
			return all
		},
	}
}

func (p *pair) splitWhileObserving() {
	s := sqlstore.NewIncidents(p.nodes[0])
	observe(p.t, s, 1, observation("v1:k:a", incident.Leak), observation("v1:k:b", incident.Leak))
	whole, part := p.only(incident.Key{Kind: incident.Secret, Value: "v1:k:a"}), p.only(incident.Key{Kind: incident.Secret, Value: "v1:k:b"})
	const seen = 60
	var done stdsync.WaitGroup
	done.Go(func() {
		b, at := sqlstore.NewIncidents(p.nodes[1]), cursor(1)
		for k := range seen {
			next := cursor(int64(k + 2))
			err := b.Observe(storetest.Context(p.t), follow.Span{Consumer: "incident", From: at, Next: next}, []incident.Observation{observation([]string{"v1:k:a", "v1:k:b"}[k%2], incident.Egress)}, "n1/incident")
			if at = next; err != nil {
				p.t.Errorf("observing: %v", err)
			}
		}
	})
	for k := range 2 * rounds {
		act := incident.Act{Verb: incident.MergeInto, By: "ada", Into: whole.ID}
		if k%2 == 1 {
			act = incident.Act{Verb: incident.SplitOff, By: "ada"}
		}
		if _, err := s.ActOnIncident(storetest.Context(p.t), part.ID, act, actedBy("ada", "incident."+string(act.Verb)), "n0/api"); err != nil {
			p.t.Errorf("%s: %v", act.Verb, err)
		}
	}
	done.Wait()
	for _, k := range []incident.Key{whole.Key, part.Key} {
		i := p.only(k)
		same(p.t, k.Value, []any{1 + seen/2, incident.LeakedSecretInUse, incident.Triggered, 0, ""}, []any{i.Observations, i.Join, i.State, len(i.Merged), i.MergedInto})
		lines, err := s.Timeline(storetest.Context(p.t), i.ID, "", 1_000)
		must(p.t, err)
		detections := 0
		for _, l := range lines {
			if l.Sensor != "" {
				detections++
			}
		}
		same(p.t, "lines of "+k.Value, 1+seen/2, detections)
	}
}
