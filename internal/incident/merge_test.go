package incident

import (
	"strings"
	"testing"
)

// However many addresses try one secret, an incident has so many parts that people can
// read it and the store can write it; what is beyond that stands by itself.
func TestAnIncidentHasSoManyPartsAndNoMore(t *testing.T) {
	whole := Incident{ID: "a", State: Triggered, Merged: make([]string, MaxParts-1)}
	part := Incident{ID: "b", State: Triggered}
	if _, _, ok := Elder(whole, part); !ok {
		t.Error("the last part finds no room")
	}
	if err := whole.MayMerge(part, Act{Verb: MergeInto}); err != nil {
		t.Error(err)
	}
	part.Merged = []string{"c"} // it brings one along
	if _, _, ok := Elder(part, whole); ok {
		t.Error("one part too many is taken in")
	}
	if err := whole.MayMerge(part, Act{Verb: MergeInto}); err == nil || !strings.Contains(err.Error(), "more than 1000 parts") {
		t.Errorf("%v", err)
	}
}

// Why somebody did something stands with what they did.
func TestActsSayWhy(t *testing.T) {
	for act, want := range map[Act]string{
		{Verb: Acknowledge, By: "ada", Reason: "mine"}:                 "acknowledged: mine",
		{Verb: Assign, By: "ada", Assignee: "bob", Reason: "his host"}: "given to bob: his host",
		{Verb: Assign, By: "ada", Reason: "on leave"}:                  "given to nobody: on leave",
	} {
		i, _ := Open("i", leaked(), noon)
		if c, err := i.Do(act, noon); err != nil || c.Words != want {
			t.Errorf("%q, %v, want %q", c.Words, err, want)
		}
	}
	if c := (Change{Words: "split off: x"}).Because("two people"); c.Words != "split off: x (two people)" {
		t.Errorf("%q", c.Words)
	}
}
