package api

import (
	"context"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/egress/watch"
)

func (f *egressFake) ListBaselines(_ context.Context, w watch.Which, limit int) ([]watch.Stored, error) {
	f.which = w
	return f.baselines[:min(limit, len(f.baselines))], f.err
}

// learned is a baseline of five weeks in which a program sent a megabyte at nine, on
// the last day a hundred times that.
func learned(t *testing.T) watch.Stored {
	t.Helper()
	w := watch.New(watch.Options{Source: "node-1/egress", Settings: func() watch.Settings { return watch.Settings{Window: time.Minute, Baseline: true} }})
	first := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for day := range 36 {
		sent := int64(1e6)
		if day == 35 {
			sent = 1e8
		}
		s := watch.Sample{Seq: uint64(day + 1), Time: first.AddDate(0, 0, day), Allowed: true, End: true, Program: "/usr/bin/python3", Host: "api.example.com", BytesOut: sent}
		if err := w.Observe(s); err != nil {
			t.Fatal(err)
		}
	}
	saved := w.News().Saved
	if len(saved) != 1 {
		t.Fatalf("%d baselines", len(saved))
	}
	return watch.Stored{Saved: saved[0], Node: "node-1", UpdatedAt: first}
}

func TestBaselinesAreListed(t *testing.T) {
	n, f := newEgress(t)
	list := func(query string) EgressBaselineList {
		t.Helper()
		return decode[EgressBaselineList](t, n.as(t, auth.Viewer, "GET", "/api/v1/egress/baselines"+query, nil))
	}
	if got := list(""); len(got.Items) != 0 || got.Unreadable != 0 {
		t.Errorf("nothing was learned yet: %+v", got)
	}
	broken := watch.Stored{Saved: watch.Saved{State: []byte("no baseline")}, Node: "node-1"}
	f.baselines = []watch.Stored{learned(t), broken}
	got := list("?program=/usr/bin/python3&host=api.example.com&node=node-1")
	if want := (watch.Which{Node: "node-1", Program: "/usr/bin/python3", Host: "api.example.com"}); f.which != want {
		t.Errorf("asked for %+v", f.which)
	}
	if len(got.Items) != 1 || got.Unreadable != 1 {
		t.Fatalf("%d baselines, %d unreadable", len(got.Items), got.Unreadable)
	}
	b := got.Items[0]
	if b.Node != "node-1" || b.Host != "api.example.com" || !b.Speaks || len(b.Hours) != 24 || len(b.Days) != 14 {
		t.Errorf("%+v", b)
	}
	if nine, noon := b.Hours[9].Bytes, b.Hours[12].Bytes; nine.Mean == 0 || nine.Limit < nine.Mean || noon.Mean != 0 || noon.Limit == 0 {
		t.Errorf("at nine %+v, at noon %+v", nine, noon)
	}
	if b.Today != 1e8 || b.DayLimit >= b.Today || b.Days[13] != (EgressDaySum{Day: "2026-04-05", Bytes: 1e6}) || len(b.Told) == 0 {
		t.Errorf("today %v of %v, told %+v, days %+v", b.Today, b.DayLimit, b.Told, b.Days)
	}
	if got := list("?limit=1"); len(got.Items) != 1 || got.Unreadable != 0 {
		t.Errorf("one: %+v", got)
	}
}
