package respond_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/respond"
)

const fingerprint = "v1:5f2a9c01:00ff"

// leak says that a secret was found, which was below the policy's bar.
func (h *house) leak(t *testing.T) {
	t.Helper()
	h.clock.Advance(time.Millisecond)
	e, err := event.New(event.Header{Time: h.clock.Now(), Source: "n/leak", Severity: event.Low}, event.FindingDetected{Finding: event.Finding{Fingerprint: fingerprint, Rule: "r"}})
	if err != nil {
		t.Fatal(err)
	}
	h.actions.Say(e)
}

// undo takes the action of a place back, from the oldest on.
func (h *house) undo(t *testing.T, at int, admin bool) (respond.Action, error) {
	t.Helper()
	by := audit.Entry{ID: id.New(), Action: "action.undo", Reason: "it was us"}
	return h.desk.Undo(t.Context(), h.actions.All()[at].ID, "bob", admin, by)
}

func TestASecretIsWithheldAndReleased(t *testing.T) {
	h := newHouse(t, "  - {id: p, topics: [leak.finding.detected], mode: act, quarantine: {}}\n")
	h.leak(t)
	h.step(t)
	h.step(t)
	if a := h.actions.All()[0]; h.states() != "quarantine done" || a.Result != "entry-1" || a.Target != fingerprint {
		t.Fatalf("%s; %+v", h.states(), a)
	}
	for range 2 {
		a, err := h.undo(t, 0, false)
		if err != nil || a.State != respond.ActionUndone || a.DecidedBy != "bob" || a.Reason != "it was us" || a.Result != "entry-1" {
			t.Errorf("%+v, %v", a, err)
		}
	}
	if got := strings.Join(h.secrets.Told(), ", "); got != "withhold "+fingerprint+", release "+fingerprint {
		t.Errorf("told: %s", got)
	}
	var last event.ActionChanged
	said := h.actions.Said()
	if err := said[len(said)-1].Decode(&last); err != nil || last.State != "undone" || last.DecidedBy != "bob" || last.Fingerprint != fingerprint {
		t.Errorf("said: %+v, %v", last, err)
	}
}

func TestAMessageIsWithheldAndReleased(t *testing.T) {
	h := newHouse(t, "  - {id: p, topics: [leak.withheld.changed], mode: act, quarantine: {message: message_id}}\n")
	e, err := event.New(event.Header{Time: h.clock.Now(), Source: "n/api", Severity: event.Medium}, event.WithheldChanged{MessageID: "m-1", Blocked: true, ChangedBy: "ada"})
	if err != nil {
		t.Fatal(err)
	}
	h.actions.Say(e)
	h.step(t)
	if h.states() != "quarantine_message done" {
		t.Fatal(h.states())
	}
	if a, err := h.undo(t, 0, false); err != nil || a.State != respond.ActionUndone {
		t.Errorf("%+v, %v", a, err)
	}
	if got := strings.Join(h.secrets.Told(), ", "); got != "withhold m-1, release m-1" {
		t.Errorf("told: %s", got)
	}
	var last event.ActionChanged
	said := h.actions.Said()
	if err := said[len(said)-1].Decode(&last); err != nil || last.Target != "m-1" || last.Fingerprint != "" || last.Does() != "withhold message m-1" {
		t.Errorf("said: %+v, %v", last, err)
	}
}

func TestWhatWithholdsASecretBesidesIsSaid(t *testing.T) {
	h := newHouse(t, "  - {id: p, topics: [leak.finding.detected], mode: act, quarantine: {}}\n")
	h.secrets.Still = "an entry holds it"
	h.leak(t)
	h.step(t)
	if a, err := h.undo(t, 0, false); err != nil || a.Result != "still withheld: an entry holds it" {
		t.Errorf("%+v, %v", a, err)
	}
}

// A person who looked at it knows better than a playbook, and the action says why it
// failed.
func TestWhatAPersonDecidedIsNotWithheld(t *testing.T) {
	for refused, want := range map[error]string{respond.ErrJudged: "false positive", respond.ErrMayPass: "may pass"} {
		h := newHouse(t, "  - {id: p, topics: [leak.finding.detected], mode: act, quarantine: {}}\n")
		h.secrets.Refuse = refused
		h.leak(t)
		h.step(t)
		if a := h.actions.All()[0]; a.State != respond.ActionFailed || !strings.Contains(a.Result, want) {
			t.Errorf("%v: %+v", refused, a)
		}
	}
}

func TestABlockAndTheKillSwitchAreUndone(t *testing.T) {
	h := newHouse(t, "  - {id: guessers, topics: [anomaly.*.detected], mode: act, block: {for: 2h}, kill_switch: true, notify: look}\n")
	h.guess(t, "203.0.113.9")
	h.step(t)
	if _, err := h.undo(t, 1, false); !errors.Is(err, respond.ErrNotAdmin) || h.egress.On == "" {
		t.Errorf("who is no admin: %v", err)
	}
	for at := range 2 {
		if _, err := h.undo(t, at, true); err != nil {
			t.Error(err)
		}
	}
	if h.given(t) != "" || h.egress.On != "" {
		t.Errorf("blocked: %q; switched on because of %q", h.given(t), h.egress.On)
	}
	if got := h.store.Audited(); got[len(got)-1].Action != "block.end" || got[len(got)-1].Reason != "it was us" {
		t.Errorf("audited: %+v", got)
	}
}

// An entry that somebody ended before, and a switch that somebody turned off, are gone
// as well.
func TestWhatIsOverAlreadyIsUndone(t *testing.T) {
	h := newHouse(t, "  - {id: guessers, topics: [anomaly.*.detected], mode: act, block: {for: 2h}, kill_switch: true}\n")
	h.guess(t, "203.0.113.9")
	h.step(t)
	h.clock.Advance(3 * time.Hour)
	h.egress.On = ""
	for at := range 2 {
		if _, err := h.undo(t, at, true); err != nil {
			t.Error(err)
		}
	}
	if got := h.states(); got != "block undone, kill_switch undone" {
		t.Error(got)
	}
}

func TestWhatCannotBeUndoneSaysWhy(t *testing.T) {
	h := newHouse(t, "  - {id: p, topics: [anomaly.*.detected], mode: act, kill_switch: true, notify: look}\n  - {id: q, topics: [anomaly.*.detected], mode: dry_run, notify: x}\n  - {id: r, topics: [anomaly.*.detected], mode: approve, notify: x}\n")
	h.guess(t, "203.0.113.9")
	h.step(t)
	h.egress.On = "turned by ada"
	for at, want := range []string{"on for another reason now (turned by ada)", "cannot be unsaid", "nothing was done; it is dry_run", "reject it instead"} {
		var fixed *respond.FixedError
		if a, err := h.undo(t, at, true); !errors.As(err, &fixed) || !strings.Contains(err.Error(), want) || a.State == respond.ActionUndone {
			t.Errorf("%d: %v", at, err)
		}
	}
	if _, err := h.desk.Undo(t.Context(), id.New(), "bob", true, audit.Entry{}); !errors.Is(err, respond.ErrNoAction) {
		t.Errorf("got %v", err)
	}
}

// A store that goes away in between leaves an action that can be undone again.
func TestUndoIsTriedAgain(t *testing.T) {
	h := newHouse(t, "  - {id: p, topics: [anomaly.*.detected], mode: act, block: {}}\n")
	h.guess(t, "203.0.113.9")
	h.step(t)
	h.store.Fail(errAway)
	if _, err := h.undo(t, 0, false); !errors.Is(err, errAway) || h.states() != "block done" {
		t.Fatalf("%v; %s", err, h.states())
	}
	h.store.Fail(nil)
	if _, err := h.undo(t, 0, false); err != nil || h.given(t) != "" {
		t.Errorf("%v; %s", err, h.given(t))
	}
}

// The kill switch is of one node: another one cannot lift it.
func TestTheKillSwitchIsUndoneWhereItWasTurned(t *testing.T) {
	h := newHouse(t, "  - {id: p, topics: [anomaly.*.detected], mode: act, kill_switch: true}\n")
	h.guess(t, "203.0.113.9")
	h.step(t)
	other, err := respond.NewPlaybooks(respond.PlaybooksDeps{Store: &h.actions, Blocks: h.List, Switch: &h.egress, Secrets: &h.secrets, Node: "m/respond", Clock: h.clock})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Undo(t.Context(), h.actions.All()[0].ID, "bob", true, audit.Entry{Reason: "x"}); err == nil || !strings.Contains(err.Error(), `by node "n"`) {
		t.Errorf("got %v", err)
	}
}
