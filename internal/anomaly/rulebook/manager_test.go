package rulebook_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"go.cordon.dev/cordon/internal/anomaly/rule"
	"go.cordon.dev/cordon/internal/anomaly/rulebook"
	"go.cordon.dev/cordon/internal/anomaly/rulebook/rulebooktest"
	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func noon() time.Time { return time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC) }

func ada(reason string) rulebook.Decision {
	return rulebook.Decision{Who: auth.Principal{Kind: auth.KindUser, Name: "ada", Role: auth.Admin}, Reason: reason}
}

// text is a rule that opens at so many failed logins.
func text(ruleID string, threshold int) string {
	return fmt.Sprintf("id: %s\non: [auth_failed]\nthreshold: %d\n", ruleID, threshold)
}

// dear is a rule of whose sort few fit into the budget.
func dear(ruleID string) string {
	return "id: " + ruleID + "\non: [http_request]\nthreshold: 2\nwhen: attributes.path.contains('abcdefgh') || attributes.path.contains('ijklmnop')\n"
}

// filed are rules of a file.
func filed(t testing.TB, rules ...string) (all []rulebook.Filed) {
	t.Helper()
	for _, one := range rules {
		r, err := rule.One([]byte(one))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, rulebook.Filed{Rule: r, File: "rules.yaml"})
	}
	return all
}

// bench is a manager and the rules that it has put in force.
type bench struct {
	*rulebook.Manager
	db      *rulebooktest.Memory
	clock   *clock.Fake
	running []*rule.Rule
	swaps   int
}

func newBench(t testing.TB, db *rulebooktest.Memory, files ...rulebook.Filed) *bench {
	t.Helper()
	b := &bench{db: db, clock: clock.NewFake(noon())}
	var err error
	b.Manager, err = rulebook.New(rulebook.Deps{
		Store: db, Past: db, Node: "node-1/anomaly", Clock: b.clock,
		Files: func() ([]rulebook.Filed, error) { return files, nil },
		Use:   func(running []*rule.Rule) error { b.running, b.swaps = running, b.swaps+1; return nil },
		Clean: func(text string) string { return strings.ReplaceAll(text, "hunter2", "[redacted]") },
	})
	if err == nil {
		err = b.Start(context.Background())
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// wantRunning compares the rules in force: their ids, with the counts that open them.
func (b *bench) wantRunning(t testing.TB, want ...string) {
	t.Helper()
	var got []string
	for _, r := range b.running {
		got = append(got, fmt.Sprintf("%s %d", r.ID, r.Count))
	}
	if !slices.Equal(got, want) {
		t.Errorf("in force are %v, want %v", got, want)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestARuleIsAddedChangedSwitchedAndRemoved(t *testing.T) {
	ctx, db := t.Context(), &rulebooktest.Memory{}
	b := newBench(t, db, filed(t, text("ours", 3))...)
	b.wantRunning(t, "ours 3")
	_, err := b.Add(ctx, text("mine", 5), true, ada("why not"))
	must(t, err)
	b.wantRunning(t, "ours 3", "mine 5")
	_, err = b.Update(ctx, "mine", rulebook.Edit{Text: new(text("mine", 7))}, ada(""))
	must(t, err)
	b.wantRunning(t, "ours 3", "mine 7")
	_, err = b.Update(ctx, "ours", rulebook.Edit{Enabled: new(false)}, ada("too loud"))
	must(t, err)
	b.wantRunning(t, "mine 7")
	_, err = b.Update(ctx, "ours", rulebook.Edit{Enabled: new(true)}, ada(""))
	must(t, err)
	must(t, b.Remove(ctx, "mine", ada("done")))
	b.wantRunning(t, "ours 3")

	audits, events := db.Told()
	var said []string
	for i, a := range audits {
		var p event.AnomalyRuleChanged
		must(t, events[i].Decode(&p))
		said = append(said, a.Action+" "+a.Target+": "+p.Change)
	}
	if want := []string{
		"anomaly_rule.add mine: added: 5 auth_failed from one address within 5 minutes",
		"anomaly_rule.update mine: 5 auth_failed from one address within 5 minutes -> 7 auth_failed from one address within 5 minutes",
		"anomaly_rule.update ours: switched off", "anomaly_rule.update ours: switched on", "anomaly_rule.remove mine: removed",
	}; !slices.Equal(said, want) {
		t.Errorf("said\n%s", strings.Join(said, "\n"))
	}
	past, err := db.AnomalyRuleHistory(ctx, "mine", 10)
	if err != nil || len(past) != 3 || past[0].NewText != nil || *past[0].OldText != text("mine", 7) || past[2].OldText != nil || past[2].Reason != "why not" {
		t.Errorf("%+v %v", past, err)
	}
}

// What changes nothing that runs does not touch the sensor, which would count anew.
func TestRulesThatStayAreNotTouched(t *testing.T) {
	b := newBench(t, &rulebooktest.Memory{}, filed(t, text("ours", 3))...)
	before := b.swaps
	_, err := b.Add(t.Context(), text("mine", 5), false, ada(""))
	must(t, err)
	_, err = b.Update(t.Context(), "mine", rulebook.Edit{Enabled: new(false)}, ada(""))
	must(t, err)
	must(t, b.Follow(t.Context()))
	if b.swaps != before {
		t.Errorf("put in force %d times", b.swaps-before)
	}
	was := b.running[0]
	_, err = b.Update(t.Context(), "mine", rulebook.Edit{Enabled: new(true)}, ada(""))
	must(t, err)
	if b.wantRunning(t, "ours 3", "mine 5"); b.running[0] != was {
		t.Error("a rule that stays was made anew")
	}
}

func TestWhatCannotBeDoneToARule(t *testing.T) {
	ctx, db := t.Context(), &rulebooktest.Memory{}
	b := newBench(t, db, filed(t, text("ours", 3))...)
	_, err := b.Add(ctx, text("mine", 5), true, ada(""))
	must(t, err)
	refuse := func(rulebook.Entry) error { return errors.New("it has changed") }
	for name, c := range map[string]struct {
		do   func() error
		want string
	}{
		"text of a file": {func() error {
			_, err := b.Update(ctx, "ours", rulebook.Edit{Text: new(text("ours", 9))}, ada(""))
			return err
		}, "change it there"},
		"remove a file's": {func() error { return b.Remove(ctx, "ours", ada("")) }, "from a file"},
		"an id twice":     {func() error { _, err := b.Add(ctx, text("ours", 4), true, ada("")); return err }, "taken"},
		"another id": {func() error {
			_, err := b.Update(ctx, "mine", rulebook.Edit{Text: new(text("other", 9))}, ada(""))
			return err
		}, "an id stays"},
		"none":     {func() error { return b.Remove(ctx, "none", ada("")) }, "no such"},
		"a secret": {func() error { _, err := b.Add(ctx, text("s", 4)+"description: hunter2\n", true, ada("")); return err }, "live secret"}, // cordon:allow
		"changed meanwhile": {func() error {
			_, err := b.Update(ctx, "mine", rulebook.Edit{Text: new(text("mine", 6))}, rulebook.Decision{Check: refuse})
			return err
		}, "it has changed"},
	} {
		if err := c.do(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	b.wantRunning(t, "ours 3", "mine 5")
	if audits, _ := db.Told(); len(audits) != 1 {
		t.Errorf("told of %d", len(audits))
	}
}

// A rule that would be too dear with the others is refused, also when it is switched on.
func TestARuleThatIsTooDearIsRefusedWhenItIsSaved(t *testing.T) {
	ctx, db := t.Context(), &rulebooktest.Memory{}
	b := newBench(t, db)
	var err error
	n := 0
	for ; err == nil && n < 1_000; n++ {
		_, err = b.Add(ctx, dear(fmt.Sprintf("r%03d", n)), true, ada(""))
	}
	var input *rulebook.InputError
	if !errors.As(err, &input) || !strings.Contains(input.Why, "may cost too much") {
		t.Fatalf("after %d: %v", n, err)
	}
	running := len(b.running)
	// By its id it comes first, and would push out the last.
	if _, err := b.Add(ctx, dear("a"), true, ada("")); err == nil || !strings.Contains(err.Error(), "would not run any more") {
		t.Errorf("one that comes before the others: %v", err)
	}
	if _, err := b.Add(ctx, dear("z"), false, ada("")); err != nil {
		t.Errorf("one that is off costs nothing: %v", err)
	}
	if _, err := b.Update(ctx, "z", rulebook.Edit{Enabled: new(true)}, ada("")); !errors.As(err, &input) || input.Field != "enabled" {
		t.Errorf("switched on: %v", err)
	}
	if len(b.running) != running {
		t.Errorf("%d rules run, not %d", len(b.running), running)
	}
	must(t, b.Remove(ctx, "r000", ada("")))
	if _, err := b.Update(ctx, "z", rulebook.Edit{Enabled: new(true)}, ada("")); err != nil {
		t.Errorf("when there is room again: %v", err)
	}
}

// When the store fails, the rules that were in force stay.
func TestAFailureChangesNothing(t *testing.T) {
	db := &rulebooktest.Memory{}
	b := newBench(t, db, filed(t, text("ours", 3))...)
	db.Fail(errors.New("no store"))
	if _, err := b.Add(t.Context(), text("mine", 5), true, ada("")); err == nil {
		t.Error("added without a store")
	}
	db.Fail(nil)
	must(t, b.Follow(t.Context()))
	b.wantRunning(t, "ours 3")
}

// Every node has what any of them stored.
func TestNodesFollowEachOther(t *testing.T) {
	db := &rulebooktest.Memory{}
	a, b := newBench(t, db), newBench(t, db)
	_, err := a.Add(t.Context(), text("mine", 5), true, ada(""))
	must(t, err)
	must(t, b.Follow(t.Context()))
	b.wantRunning(t, "mine 5")
	_, err = b.Update(t.Context(), "mine", rulebook.Edit{Text: new(text("mine", 6))}, ada(""))
	must(t, err)
	_, err = a.Update(t.Context(), "mine", rulebook.Edit{Enabled: new(false)}, ada("")) // rests on what b did
	must(t, err)
	if d, err := a.Get(t.Context(), "mine", ""); err != nil || d.Rule.Count != 6 || d.Enabled || d.Version != 3 {
		t.Errorf("%+v %v", d, err)
	}
	must(t, a.Remove(t.Context(), "mine", ada("")))
	must(t, b.Follow(t.Context()))
	b.wantRunning(t)
}

// One that changes a version which another node has replaced in the same moment is told.
func TestOfTwoNodesOneIsTold(t *testing.T) {
	db := &rulebooktest.Memory{}
	b := newBench(t, db)
	_, err := b.Add(t.Context(), text("mine", 5), true, ada(""))
	must(t, err)
	racing := rulebook.Decision{Check: func(rulebook.Entry) error {
		db.Put(rulebook.Row{RuleID: "mine", Origin: rulebook.Custom, Text: text("mine", 9), Enabled: true, Version: 2, UpdatedAt: noon()})
		return nil
	}}
	if _, err = b.Update(t.Context(), "mine", rulebook.Edit{Enabled: new(false)}, racing); !errors.Is(err, rulebook.ErrConflict) {
		t.Errorf("got %v", err)
	}
}

func TestStoredRulesThatCannotRunAreShown(t *testing.T) {
	db := &rulebooktest.Memory{}
	put := func(ruleID, text string) {
		db.Put(rulebook.Row{RuleID: ruleID, Origin: rulebook.Custom, Text: text, Enabled: true, Version: 1, UpdatedAt: noon()})
	}
	put("future", "id: future\non: [auth_failed]\nthreshold: 2\nblocks: {}\n")
	put("ours", text("ours", 9))
	put("brute_force", text("brute_force", 9))
	put("renamed", text("other", 9))
	put("good", text("good", 9))
	b := newBench(t, db, filed(t, text("ours", 3))...)
	b.wantRunning(t, "ours 3", "good 9")
	all, err := b.List(t.Context())
	must(t, err)
	problems := map[string]string{}
	for _, l := range all {
		if l.Origin == rulebook.Custom {
			problems[l.ID] = l.Problem
		}
	}
	for ruleID, want := range map[string]string{
		"future": `line 4: unknown field "blocks"`, "ours": "its id is taken", "brute_force": "its id is taken", "renamed": `its text says that it is "other"`,
	} {
		if !strings.Contains(problems[ruleID], want) {
			t.Errorf("%s: %q", ruleID, problems[ruleID])
		}
	}
	must(t, b.Remove(t.Context(), "ours", ada(""))) // the operator's own of the two
	if d, err := b.Get(t.Context(), "ours", ""); err != nil || d.Origin != rulebook.File {
		t.Errorf("%+v %v", d, err)
	}
}

// A rule of a file and an operator's of the same id are two: each is shown when it is
// asked for, and without a word about it the operator's.
func TestTwoRulesOfOneID(t *testing.T) {
	db := &rulebooktest.Memory{}
	db.Put(rulebook.Row{RuleID: "ours", Origin: rulebook.Custom, Text: text("ours", 7), Enabled: true, Version: 1, UpdatedAt: noon(), UpdatedBy: "ada"})
	b := newBench(t, db, filed(t, text("ours", 3), text("loud", 1))...)
	for _, c := range []struct {
		ruleID string
		origin rulebook.Origin
		want   int // its threshold; 0: there is none
	}{
		{"ours", "", 7}, {"ours", rulebook.Custom, 7}, {"ours", rulebook.File, 3},
		{"loud", "", 1}, {"loud", rulebook.File, 1}, {"loud", rulebook.Custom, 0},
	} {
		d, err := b.Get(t.Context(), c.ruleID, c.origin)
		switch {
		case c.want == 0 && !errors.Is(err, rulebook.ErrNotFound):
			t.Errorf("%s of %q: %v", c.ruleID, c.origin, err)
		case c.want != 0 && (err != nil || d.Rule.Count != c.want):
			t.Errorf("%s of %q: %+v %v", c.ruleID, c.origin, d.Entry, err)
		}
	}
}

func TestFilesMayChange(t *testing.T) {
	ctx, db := t.Context(), &rulebooktest.Memory{}
	b := newBench(t, db, filed(t, text("ours", 3), text("loud", 1))...)
	_, err := b.Update(ctx, "loud", rulebook.Edit{Enabled: new(false)}, ada(""))
	must(t, err)
	b.Refuse("line 3: no")
	if b.Refused() == "" {
		t.Error("nothing says that the files are refused")
	}
	b.Refuse("")
	must(t, b.SetFiles(ctx, filed(t, text("ours", 4))))
	b.wantRunning(t, "ours 4")
	must(t, b.SetFiles(ctx, filed(t, text("ours", 4), text("loud", 1))))
	b.wantRunning(t, "ours 4") // what is off stays off
}

func TestRunFollowsUntilItEnds(t *testing.T) {
	db := &rulebooktest.Memory{}
	wake := make(chan struct{})
	m, err := rulebook.New(rulebook.Deps{Store: db, Past: db, Node: "n", Wake: func() (<-chan struct{}, func()) { return wake, func() {} }})
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- m.Run(ctx) }()
	wake <- struct{}{}
	db.Put(rulebook.Row{RuleID: "mine", Origin: rulebook.Custom, Text: text("mine", 5), Enabled: true, Version: 1, UpdatedAt: noon()})
	wake <- struct{}{} // looks at it
	wake <- struct{}{} // has looked
	if d, err := m.Get(t.Context(), "mine", ""); err != nil || !d.Runs() {
		t.Errorf("%+v %v", d, err)
	}
	cancel()
	must(t, <-done)
}
