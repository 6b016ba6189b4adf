package incident

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Whatever was done before: an act that is taken back leaves nothing of itself but its
// lines in the timeline and a higher version.
func TestAnActIsTakenBackWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i, _ := Open("i1", leaked(), noon)
		for step := range rapid.IntRange(1, 20).Draw(t, "steps") {
			a := Act{
				Verb: rapid.SampledFrom([]Verb{Acknowledge, Resolve, Ignore, Reopen, Assign, Note, Snooze, Wake}).Draw(t, "verb"), By: "ada", Reason: "why",
				Assignee: rapid.SampledFrom([]string{"", "bob"}).Draw(t, "assignee"), Until: noon.Add(time.Duration(step+1) * time.Hour),
			}
			before := i
			c, err := i.Do(a, noon)
			if err != nil {
				continue
			}
			d, ok := DeedOf(a, c, before, i)
			if ok != (a.Verb != Note) {
				t.Fatalf("%s can be taken back: %v", a.Verb, ok)
			}
			if !ok || rapid.Bool().Draw(t, "left alone") {
				continue
			}
			done := i
			c, err = i.TakeBack(d, Act{Verb: Undo, By: "ada"}, noon)
			if err != nil || i.footing() != before.footing() || i.Version != done.Version+1 || c.By != "ada" || !strings.HasPrefix(c.Words, "undone: ") {
				t.Fatalf("%+v is not %+v: %v", i, before, err)
			}
			if closes := done.State.Open() && !i.State.Open(); closes != (c.Kind == Closed) {
				t.Fatalf("%+v is told as %+v", i, c)
			}
		}
	})
}

// Resolving what bob works on, by mistake, and undoing it: it is bob's, acknowledged, and
// put aside for as long as it was.
func TestUndoOfResolveKeepsTheAcknowledgement(t *testing.T) {
	i, _ := Open("i1", leaked(), noon)
	until := noon.Add(time.Hour)
	for _, a := range []Act{{Verb: Acknowledge, By: "bob"}, {Verb: Snooze, By: "bob", Until: until}} {
		if _, err := i.Do(a, noon); err != nil {
			t.Fatal(err)
		}
	}
	before := i
	act := Act{Verb: Resolve, By: "ada", Reason: "the wrong line"}
	c, err := i.Do(act, noon.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	d, _ := DeedOf(act, c, before, i)
	if _, err := i.TakeBack(d, Act{By: "ada"}, noon.Add(2*time.Minute)); err != nil {
		t.Fatal(err)
	}
	if i.State != Acknowledged || i.Assignee != "bob" || i.SnoozedUntil == nil || !i.SnoozedUntil.Equal(until) || i.ClosedAt != nil || i.Reason != "" {
		t.Errorf("%+v", i)
	}
}
