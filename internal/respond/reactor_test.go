package respond_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/respond"
	"go.cordon.dev/cordon/internal/respond/playbook"
	"go.cordon.dev/cordon/internal/respond/respondtest"
)

// house is a reactor with everything around it in memory.
type house struct {
	*rig
	actions respondtest.Actions
	egress  respondtest.Egress
	secrets respondtest.Secrets
	reactor *respond.Reactor
	desk    *respond.Playbooks
}

func newHouse(t *testing.T, playbooks string) *house {
	t.Helper()
	return newHouseWith(t, newRig(t), playbooks)
}

func newHouseWith(t *testing.T, r *rig, playbooks string) *house {
	t.Helper()
	h := &house{rig: r}
	all, err := playbook.Parse([]byte("playbooks:\n" + playbooks))
	if err != nil {
		t.Fatal(err)
	}
	h.reactor, err = respond.NewReactor(respond.ReactorDeps{Log: &h.actions, Store: &h.actions, Blocks: h.List, Switch: &h.egress, Secrets: &h.secrets, Node: "n/respond", Playbooks: all, Clock: h.clock})
	if err != nil {
		t.Fatal(err)
	}
	h.desk, err = respond.NewPlaybooks(respond.PlaybooksDeps{Store: &h.actions, Blocks: h.List, Switch: &h.egress, Secrets: &h.secrets, Node: "n/respond", All: all, Clock: h.clock})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// guess says that an address guesses.
func (h *house) guess(t *testing.T, from string) event.Event {
	t.Helper()
	h.clock.Advance(time.Millisecond)
	e, err := event.New(event.Header{Time: h.clock.Now(), Source: "n/anomaly", Severity: event.High},
		event.AnomalyDetected{Kind: "brute_force", KeyKind: "ip", Key: from, SourceIP: from, Count: 12, State: "opened", Severity: "high"})
	if err != nil {
		t.Fatal(err)
	}
	h.actions.Say(e)
	return e
}

func (h *house) step(t *testing.T) {
	t.Helper()
	if err := respond.Step(t.Context(), h.reactor); err != nil {
		t.Fatal(err)
	}
}

// states are those of the actions, oldest first.
func (h *house) states() string {
	var out []string
	for _, a := range h.actions.All() {
		out = append(out, string(a.Kind)+" "+string(a.State))
	}
	return strings.Join(out, ", ")
}

const guessers = "  - {id: guessers, topics: [anomaly.*.detected], mode: %s, per_hour: 3, block: {for: 2h}, kill_switch: true, notify: look}\n"

func TestADryRunDoesNothing(t *testing.T) {
	h := newHouse(t, fmt.Sprintf(guessers, "dry_run"))
	h.guess(t, "203.0.113.9")
	h.step(t)
	if got := h.states(); got != "block dry_run, kill_switch dry_run, notify dry_run" {
		t.Error(got)
	}
	if h.given(t) != "" || len(h.egress.Turned()) > 0 || len(h.actions.Said()) != 3 {
		t.Errorf("blocked %s, stopped %v, said %d", h.given(t), h.egress.Turned(), len(h.actions.Said()))
	}
}

func TestWhatMayActActs(t *testing.T) {
	h := newHouse(t, fmt.Sprintf(guessers, "act"))
	e := h.guess(t, "203.0.113.9")
	h.step(t)
	if got := h.states(); got != "block done, kill_switch done, notify done" {
		t.Error(got)
	}
	if h.given(t) != "203.0.113.9" || len(h.egress.Turned()) != 1 {
		t.Errorf("blocked %s, stopped %v", h.given(t), h.egress.Turned())
	}
	all, err := h.Entries(t.Context(), false, "", 5)
	if err != nil || all[0].Origin != respond.ByPlaybook || all[0].By != "guessers" || all[0].EventID != e.ID || h.actions.All()[0].Result != all[0].ID {
		t.Errorf("%+v, %v", all, err)
	}
	if got := h.actions.Audited(); len(got) != 3 || got[0].Actor.Name != "playbook guessers" || !strings.Contains(got[0].Reason, e.ID) {
		t.Errorf("audited: %+v", got)
	}
}

func TestNothingIsDoneBeforeItIsApproved(t *testing.T) {
	h := newHouse(t, "  - {id: guessers, topics: [anomaly.*.detected], mode: approve, approve_within: 1h, block: {}}\n")
	for _, from := range []string{"203.0.113.1", "203.0.113.2", "203.0.113.3"} {
		h.guess(t, from)
	}
	h.step(t)
	if h.states() != "block pending, block pending, block pending" || h.given(t) != "" {
		t.Fatalf("%s; %s", h.states(), h.given(t))
	}
	asked := h.actions.All()
	for k, approve := range []bool{true, false} {
		if _, err := h.desk.Decide(t.Context(), asked[k].ID, approve, "bob", audit.Entry{Reason: "I looked"}); err != nil {
			t.Fatal(err)
		}
	}
	h.clock.Advance(time.Hour)
	h.step(t)
	if h.states() != "block done, block rejected, block expired" || h.given(t) != "203.0.113.1" {
		t.Errorf("%s; %s", h.states(), h.given(t))
	}
	if _, err := h.desk.Decide(t.Context(), asked[2].ID, true, "bob", audit.Entry{Reason: "late"}); !errors.Is(err, respond.ErrNotPending) {
		t.Errorf("approved although it was given up: %v", err)
	}
	if got := h.actions.Audited(); !strings.Contains(got[len(got)-1].Reason, "approved by bob") {
		t.Errorf("audited: %+v", got)
	}
}

func TestAnHourHasItsBound(t *testing.T) {
	h := newHouse(t, "  - {id: guessers, topics: [anomaly.*.detected], mode: act, per_hour: 3, block: {}}\n")
	for k := range 10 {
		h.guess(t, fmt.Sprintf("203.0.113.%d", k))
	}
	h.step(t)
	all, err := h.desk.All(t.Context())
	if err != nil || all[0].Dropped != 7 || h.states() != "block done, block done, block done" {
		t.Errorf("%s; %+v, %v", h.states(), all, err)
	}
	h.clock.Advance(time.Hour)
	h.guess(t, "203.0.113.99")
	h.step(t)
	if !strings.Contains(h.given(t), "203.0.113.99") {
		t.Errorf("an hour later: %s", h.given(t))
	}
}

// An attacker who sends from our address, or a log that lies, must not shut us out.
func TestWhatMustNotBeBlockedFails(t *testing.T) {
	h := newHouse(t, "  - {id: guessers, topics: [anomaly.*.detected], mode: act, block: {}}\n")
	h.store.From("198.51.100.7")
	h.guess(t, "198.51.100.7")
	h.guess(t, "127.0.0.1")
	h.step(t)
	for _, a := range h.actions.All() {
		if a.State != respond.ActionFailed || !strings.Contains(a.Result, "never blocked") {
			t.Errorf("%+v", a)
		}
	}
}

func TestWithoutAnEgressSensorTheSwitchFails(t *testing.T) {
	h := newHouse(t, "  - {id: p, topics: [anomaly.*.detected], mode: act, kill_switch: true}\n")
	h.egress.Off = respond.ErrNoEgress
	h.guess(t, "203.0.113.9")
	h.step(t)
	if a := h.actions.All()[0]; a.State != respond.ActionFailed || a.Result != "the egress sensor is off" {
		t.Errorf("%+v", a)
	}
}

// What a crash or a store that is away leaves undone is done later, once.
func TestWhatIsDueIsDoneOnce(t *testing.T) {
	h := newHouse(t, "  - {id: p, topics: [anomaly.*.detected], mode: act, block: {}}\n")
	h.guess(t, "203.0.113.9")
	h.store.Fail(errAway)
	h.step(t)
	if h.states() != "block due" {
		t.Fatal(h.states())
	}
	h.store.Fail(nil)
	h.clock.Advance(time.Second)
	h.step(t)
	h.step(t)
	all, err := h.Entries(t.Context(), true, "", 5)
	if err != nil || len(all) != 1 || h.states() != "block done" {
		t.Errorf("%d entries, %v; %s", len(all), err, h.states())
	}
}

// An action that cannot be done keeps no other waiting, whichever is older.
func TestAnActionInTroubleHoldsUpNobody(t *testing.T) {
	h := newHouse(t, "  - {id: p, topics: [anomaly.*.detected], mode: act, kill_switch: true, block: {}}\n")
	h.egress.Off = errAway
	h.guess(t, "203.0.113.9")
	h.guess(t, "203.0.113.8")
	h.step(t)
	if got := h.states(); got != "block done, kill_switch due, block done, kill_switch due" {
		t.Fatal(got)
	}
	h.egress.Off = nil
	h.step(t)
	if got := h.states(); !strings.Contains(got, "due") {
		t.Errorf("it was tried again at once: %s", got)
	}
	h.clock.Advance(time.Second)
	h.step(t)
	if got := h.states(); got != "block done, kill_switch done, block done, kill_switch done" {
		t.Error(got)
	}
}

// One that fails for an hour has failed, and says why.
func TestAnActionIsGivenUpAtLast(t *testing.T) {
	h := newHouse(t, "  - {id: p, topics: [anomaly.*.detected], mode: act, kill_switch: true}\n")
	h.egress.Off = errors.New("disk full: " + strings.Repeat("x", 1000))
	h.guess(t, "203.0.113.9")
	for range 59 {
		h.step(t)
		h.clock.Advance(time.Minute)
	}
	if got := h.states(); got != "kill_switch due" {
		t.Fatalf("after 59 minutes: %s", got)
	}
	h.step(t)
	h.clock.Advance(time.Minute)
	h.step(t)
	if a := h.actions.All()[0]; a.State != respond.ActionFailed || !strings.HasPrefix(a.Result, "it was tried for an hour: disk full") || len(a.Result) > 400 {
		t.Errorf("%+v", a)
	}
	said := h.actions.Said()
	if last := said[len(said)-1]; last.Severity < event.High {
		t.Errorf("nobody is told: %+v", last)
	}
}

// A store that was away for long is no reason to give up: only tries count.
func TestALongPauseGivesNothingUp(t *testing.T) {
	h := newHouse(t, "  - {id: p, topics: [anomaly.*.detected], mode: act, kill_switch: true}\n")
	h.egress.Off = errAway
	h.guess(t, "203.0.113.9")
	h.step(t)
	h.clock.Advance(5 * time.Hour)
	h.step(t)
	if got := h.states(); got != "kill_switch due" {
		t.Error(got)
	}
}

func TestAReactorNeedsItsParts(t *testing.T) {
	if _, err := respond.NewReactor(respond.ReactorDeps{Node: "n"}); err == nil {
		t.Error("a reactor without a store")
	}
	if _, err := respond.NewPlaybooks(respond.PlaybooksDeps{Node: "n"}); err == nil {
		t.Error("playbooks without a store")
	}
}

// A log that grows is no reason to ask again and again what is to be done: only what is
// said of actions is, and that a second has passed.
func TestActionsAreLookedAtWhenSomethingIsSaidOfThem(t *testing.T) {
	h := newHouse(t, fmt.Sprintf(guessers, "approve"))
	h.step(t)
	said := func(p event.Payload) func() {
		return func() {
			e, err := event.New(event.Header{Time: h.clock.Now(), Source: "n/x", Severity: event.Info}, p)
			if err != nil {
				t.Fatal(err)
			}
			h.actions.Say(e)
		}
	}
	for _, tc := range []struct {
		name string
		what func()
		look bool
	}{
		{"nothing", func() {}, false},
		{"what concerns no playbook", said(event.SessionStarted{}), false},
		{"a change of an action", said(event.ActionChanged{ActionID: "a", State: "due"}), true},
		{"what a playbook answers", func() { h.guess(t, "203.0.113.9") }, true},
		{"a second", func() { h.clock.Advance(time.Second) }, true},
	} {
		before := h.actions.Looks()
		tc.what()
		if err := respond.NextStep(t.Context(), h.reactor); err != nil {
			t.Fatal(err)
		}
		if look := h.actions.Looks() > before; look != tc.look {
			t.Errorf("%s: looked at %t, want %t", tc.name, look, tc.look)
		}
	}
}
