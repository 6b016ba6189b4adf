package sqlstore_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/deception/capture"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/incident"
	"go.cordon.dev/cordon/internal/leak"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/sqlstore/sqlstoretest"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

// Every combination of a list's filters must be answered from ranges of an
// index that are in the page's order already: no row outside the page is
// looked at, nothing is sorted. (Plans: https://www.sqlite.org/eqp.html.)
func TestListsAreIndexRanges(t *testing.T) {
	s := storetest.Open(t, store.Options{URL: storetest.SQLiteURL(t)})
	for _, page := range []leak.Page{{Limit: 50}, {Limit: 50, After: "01936d2c"}} {
		for _, f := range sqlstoretest.QuarantineFilters() {
			checkPlan(t, s, sqlstore.QuarantineIDs(s.Reader(), f, page), page)
		}
		for _, f := range sqlstoretest.FindingFilters(leak.Quarantine{SourceID: "s", Rule: "r", Fingerprint: "f", ID: "q"}) {
			checkPlan(t, s, sqlstore.FindingIDs(s.Reader(), f, page), page)
		}
	}
}

// Incidents of a state and a severity are a range of an index, in the list's order: what
// else narrows the list is looked up from there.
func TestIncidentsOfARankAreIndexRanges(t *testing.T) {
	s := storetest.Open(t, store.Options{URL: storetest.SQLiteURL(t)})
	for _, f := range []incident.Filter{{}, {Snoozed: new(false)}} {
		q := sqlstore.IncidentLane(s.Reader(), f, time.Now())
		steps := plan(t, s, q)
		if !strings.Contains(steps[0], "incidents_by_rank (state=? AND severity=? AND id<?)") || strings.Contains(strings.Join(steps, "\n"), "TEMP B-TREE") {
			t.Errorf("%q in the plan of\n%s", steps, q)
		}
	}
}

// A list of deckies' logs by service or by type is a range for each pair of them.
func TestLogsByKindAreIndexRanges(t *testing.T) {
	s := storetest.Open(t, store.Options{URL: storetest.SQLiteURL(t)})
	c := sqlstore.NewCapture(s, nil, nil)
	var all []capture.Entry
	for n, kind := range []string{"ssh", "ssh", "redis", "http"} {
		l := capture.Log{ID: id.New(), Service: kind, EventType: []string{"command", "connected"}[n%2]}
		all = append(all, capture.Entry{Log: l, Event: storetest.Event(t, kind)})
	}
	if err := c.Capture(storetest.Context(t), capture.Batch{ID: id.New(), Entries: all}); err != nil {
		t.Fatal(err)
	}
	for f, lanes := range map[capture.LogFilter]int{{Service: "ssh"}: 2, {EventType: "command"}: 2, {EventType: "connected"}: 2, {Service: "ssh", EventType: "command"}: 1} {
		q, err := sqlstore.LogIDs(storetest.Context(t), s.Reader(), f, leak.Page{Limit: 50, After: "01936d2c"})
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, step := range plan(t, s, q) {
			if strings.HasPrefix(step, "SEARCH") && strings.Contains(step, "COVERING INDEX decky_logs_by_kind (service=? AND event_type=? AND id<?)") {
				found++
			} else if strings.HasPrefix(step, "SCAN decky_log_row") || strings.Contains(step, "TEMP B-TREE") {
				t.Errorf("%+v: %q in the plan of\n%s", f, step, q)
			}
		}
		if found < lanes {
			t.Errorf("%+v: %d ranges, not %d, in\n%s", f, found, lanes, q)
		}
	}
}

func checkPlan(t *testing.T, s *store.Store, q *bun.SelectQuery, page leak.Page) {
	t.Helper()
	filtered := strings.Contains(q.String(), "severity")
	for _, step := range plan(t, s, q) {
		switch {
		case strings.HasPrefix(step, "MERGE"), step == "LEFT", step == "RIGHT":
		case strings.HasPrefix(step, "SEARCH") && strings.Contains(step, "COVERING INDEX") && (page.After == "" || strings.Contains(step, "id<?")):
		case strings.HasPrefix(step, "SCAN") && strings.Contains(step, "COVERING INDEX") && !filtered && page.After == "": // from the end, in order
		default:
			t.Errorf("%q in the plan of\n%s", step, q)
		}
	}
}

// plan is the steps of a query's plan.
func plan(t *testing.T, s *store.Store, q fmt.Stringer) (steps []string) {
	t.Helper()
	rows, err := s.Reader().QueryContext(storetest.Context(t), "EXPLAIN QUERY PLAN "+q.String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, detail)
	}
	if err := rows.Err(); err != nil || len(steps) == 0 {
		t.Fatalf("%d steps, %v", len(steps), err)
	}
	return steps
}
