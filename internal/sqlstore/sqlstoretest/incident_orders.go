package sqlstoretest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/capture"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/incident"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

func orderScenarios() []scenario {
	return []scenario{
		{"a secret that leaked, was tried and was sent is one incident, in whatever order it was seen, twice, and over a restart", joinsInAnyOrder},
	}
}

// joinsInAnyOrder sees one secret in a log, on a decky and on its way out in all orders,
// once and twice each, with a restart between each and without. A try from before the
// leak is known is a credential of a decky; one from after it says itself what it is.
func joinsInAnyOrder(t *testing.T, db *store.Store, now *clock.Fake) {
	s, tape, seq := sqlstore.NewIncidents(db), newTape(t, db), int64(0)
	see := func(all ...incident.Observation) {
		seq++
		now.Advance(time.Second)
		observe(t, s, seq, all...)
	}
	n := 0
	for _, order := range [][]incident.Sensor{
		{incident.Leak, incident.Deception, incident.Egress}, {incident.Leak, incident.Egress, incident.Deception}, {incident.Deception, incident.Leak, incident.Egress},
		{incident.Deception, incident.Egress, incident.Leak}, {incident.Egress, incident.Leak, incident.Deception}, {incident.Egress, incident.Deception, incident.Leak},
	} {
		for _, twice := range []bool{false, true} {
			for _, restart := range []bool{false, true} {
				n++
				attempt := newAttempt(tape, "root", fmt.Sprint("short", n))
				print, leaked := attempt.Fingerprint, false
				for _, sensor := range order {
					o := observation(print, sensor)
					o.Redacted = "****" // so short that nothing of it is shown
					for range map[bool]int{true: 2, false: 1}[twice] {
						if restart {
							s = sqlstore.NewIncidents(db)
						}
						if sensor == incident.Deception && !leaked {
							attempt.EventID = id.New()
							tape.keep(t, capture.Batch{Attempts: []capture.Attempt{attempt}})
							continue
						}
						see(o)
					}
					leaked = leaked || sensor == incident.Leak
				}
				name := fmt.Sprintf("%v, twice %t, restart %t", order, twice, restart)
				found, err := s.ListIncidents(storetest.Context(t), incident.Filter{Fingerprint: print}, "", 9)
				if err != nil || len(found) != 1 {
					t.Fatalf("%s: %d incidents, %v", name, len(found), err)
				}
				i := found[0]
				same(t, name, []any{incident.LeakedSecretInUse, event.Critical, incident.Triggered, []incident.Sensor{incident.Deception, incident.Egress, incident.Leak}},
					[]any{i.Join, i.Severity, i.State, i.Sensors})
				want := map[bool]int{true: 6, false: 3}[twice]
				if twice && slices.Index(order, incident.Deception) < slices.Index(order, incident.Leak) {
					want-- // one credential, tried twice
				}
				same(t, name+": observations", want, i.Observations)
			}
		}
	}
}
