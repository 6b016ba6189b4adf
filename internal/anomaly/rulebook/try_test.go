package rulebook_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/anomaly/rulebook"
	"go.cordon.dev/cordon/internal/anomaly/rulebook/rulebooktest"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
)

// failures are so many failed logins of one address at a time.
func failures(n int, at time.Time) (all []event.SecurityRecord) {
	for range n {
		all = append(all, event.SecurityRecord{Kind: event.RecordAuthFailed, Time: at, SourceIP: "203.0.113.9", User: "root"})
	}
	return all
}

func TestADraftIsComparedWithWhatStands(t *testing.T) {
	db := &rulebooktest.Memory{}
	b := newBench(t, db, filed(t, text("ours", 20))...)
	for hour := range 3 {
		at := noon().Add(time.Duration(hour-5) * time.Hour)
		must(t, db.Record(at, failures(10*(hour+1), at)...))
	}
	got, err := b.Try(t.Context(), rulebook.Draft{Text: text("ours", 10), Since: noon().Add(-24 * time.Hour)})
	must(t, err)
	if got.Draft.Opened != 3 || got.Now == nil || got.Now.Opened != 2 || !got.Now.Runs || got.Records != 60 || got.Cut != "" || !got.To.Equal(noon()) {
		t.Errorf("%+v, now %+v", got, got.Now)
	}
	if _, err = b.Update(t.Context(), "ours", rulebook.Edit{Enabled: new(false)}, ada("")); err != nil {
		t.Fatal(err)
	}
	if got, err = b.Try(t.Context(), rulebook.Draft{Text: text("ours", 10), Since: noon().Add(-4*time.Hour - time.Minute)}); err != nil || got.Now.Runs || got.Draft.Opened != 2 {
		t.Errorf("%+v %v", got, err)
	}
	if got, err = b.Try(t.Context(), rulebook.Draft{Text: text("new", 10), Records: failures(10, time.Time{})}); err != nil || got.Now != nil || got.Draft.Opened != 1 {
		t.Errorf("%+v %v", got, err)
	}
	b.wantRunning(t)
}

// A stretch with more than may be looked at is cut, and it is said where.
func TestALongStretchIsCut(t *testing.T) {
	db := &rulebooktest.Memory{}
	for i := range 60 {
		must(t, db.Record(noon().Add(time.Duration(i-60)*time.Minute), failures(10, time.Time{})...))
	}
	for cut, most := range map[string]rulebook.Most{
		rulebook.CutRecords: {Records: 500, Time: time.Hour},
		rulebook.CutBytes:   {Bytes: 1, Time: time.Hour},
	} {
		m, err := rulebook.New(rulebook.Deps{Store: db, Past: db, Node: "n", Clock: clock.NewFake(noon()), Most: most})
		must(t, err)
		got, err := m.Try(t.Context(), rulebook.Draft{Text: "id: a\non: [rate_limited]\nthreshold: 5\n", Since: noon().Add(-time.Hour)})
		end, records := noon().Add(-11*time.Minute), int64(500)
		if cut == rulebook.CutBytes {
			end, records = noon().Add(-time.Hour), 10
		}
		if err != nil || got.Cut != cut || got.Records != records || !got.To.Equal(end) || got.Draft.Matched != 0 {
			t.Errorf("%s: %+v %v", cut, got, err)
		}
	}
}

// The first window of a stretch is as full as it was then, of the draft and of the rule
// that it would replace, whichever window is longer.
func TestAStretchBeginsWithAFullWindow(t *testing.T) {
	db := &rulebooktest.Memory{}
	b := newBench(t, db, filed(t, text("ours", 10)+"window: 30m\n")...)
	since := noon().Add(-2 * time.Hour)
	for _, c := range []struct{ minutes, n int }{{-40, 9}, {-20, 4}, {-3, 5}, {1, 5}} {
		at := since.Add(time.Duration(c.minutes) * time.Minute)
		must(t, db.Record(at, failures(c.n, at)...))
	}
	got, err := b.Try(t.Context(), rulebook.Draft{Text: text("ours", 10), Since: since})
	must(t, err)
	if got.Draft.Opened != 1 || got.Now.Opened != 1 || got.Records != 5 || got.Draft.Matched != 5 || got.Cold || !got.From.Equal(since) {
		t.Errorf("%+v, now %+v", got, got.Now)
	}
	if got.Draft.Buckets[0].Peak != 10 || got.Now.Buckets[0].Peak != 14 {
		t.Errorf("peaks: draft %+v, now %+v", got.Draft.Buckets, got.Now.Buckets)
	}
}

// What is read before a stretch is bounded, too, and takes nothing from what is read of it.
func TestAStretchThatBeginsColdSaysSo(t *testing.T) {
	db := &rulebooktest.Memory{}
	since := noon().Add(-time.Hour)
	for _, at := range []time.Time{since.Add(-2 * time.Minute), since.Add(-time.Minute), since.Add(time.Minute)} {
		must(t, db.Record(at, failures(10, at)...))
	}
	for name, most := range map[string]rulebook.Most{
		"records": {Records: 20, Time: time.Hour},
		"bytes":   {Bytes: 2, Time: time.Hour},
	} {
		m, err := rulebook.New(rulebook.Deps{Store: db, Past: db, Node: "n", Clock: clock.NewFake(noon()), Most: most})
		must(t, err)
		got, err := m.Try(t.Context(), rulebook.Draft{Text: text("a", 15), Since: since})
		if err != nil || !got.Cold || got.Records != 10 || got.Draft.Opened != 1 {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
}

// endless is a past that goes on for longer than anybody waits.
type endless struct{}

func (endless) EachEvent(ctx context.Context, _ string, _, _ time.Time, _ func(event.Event, int) bool) error {
	return fmt.Errorf("reading: %w", context.DeadlineExceeded)
}

func TestAStretchThatTakesTooLongIsCut(t *testing.T) {
	m, err := rulebook.New(rulebook.Deps{Store: &rulebooktest.Memory{}, Past: endless{}, Node: "n"})
	must(t, err)
	got, err := m.Try(t.Context(), rulebook.Draft{Text: text("a", 5), Since: time.Now().Add(-time.Hour)})
	if err != nil || got.Cut != rulebook.CutTime || !got.To.Equal(got.From) || !got.Cold {
		t.Errorf("%+v %v", got, err)
	}
}

// waiting is a past that is read when it is told to.
type waiting struct{ begun, end chan struct{} }

func (w waiting) EachEvent(context.Context, string, time.Time, time.Time, func(event.Event, int) bool) error {
	w.begun <- struct{}{}
	<-w.end
	return errors.New("enough")
}

// What tries cost together is bounded.
func TestFewTryAtATime(t *testing.T) {
	past := waiting{make(chan struct{}), make(chan struct{})}
	m, err := rulebook.New(rulebook.Deps{Store: &rulebooktest.Memory{}, Past: past, Node: "n"})
	must(t, err)
	d := rulebook.Draft{Text: text("a", 5), Since: time.Now().Add(-time.Hour)}
	done := make(chan error)
	for range 2 {
		go func() { _, err := m.Try(context.Background(), d); done <- err }()
		<-past.begun
	}
	if _, err := m.Try(t.Context(), d); !errors.Is(err, rulebook.ErrBusy) {
		t.Errorf("the third: %v", err)
	}
	close(past.end)
	for range 2 {
		if err := <-done; err == nil {
			t.Error("a past that cannot be read is none")
		}
	}
}

func TestWhatCannotBeTried(t *testing.T) {
	b := newBench(t, &rulebooktest.Memory{})
	for name, d := range map[string]rulebook.Draft{
		"text":    {Text: "id: A", Since: noon().Add(-time.Hour)},
		"since":   {Text: text("a", 5)},
		"records": {Text: text("a", 5), Records: failures(rulebook.MaxPasted+1, noon())},
	} {
		var input *rulebook.InputError
		if _, err := b.Try(t.Context(), d); !errors.As(err, &input) || input.Field != name {
			t.Errorf("%s: %v", name, err)
		}
	}
}
