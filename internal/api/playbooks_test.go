package api

import (
	"net/http/httptest"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/respond"
	"go.cordon.dev/cordon/internal/respond/playbook"
)

func newPlaybooks(t *testing.T, n *node) *respond.Playbooks {
	t.Helper()
	all, err := playbook.Parse([]byte("playbooks: [{id: guessers, topics: [anomaly.>], when: severity >= high, mode: approve, block: {}, notify: look}]"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := respond.NewPlaybooks(respond.PlaybooksDeps{Store: &n.actions, Blocks: newBlocks(t, n), Switch: &n.turned, Secrets: &n.secrets, Node: "node-1/respond", All: all, Clock: n.clock})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// ask makes a playbook ask for something.
func (n *node) ask(number int) {
	n.actions.Put(respond.Action{
		ID: rowID(number), Playbook: "guessers", Kind: playbook.BlockAddress, Target: "203.0.113.9", For: time.Hour, EventID: rowID(100 + number),
		Topic: "anomaly.brute_force.detected", Severity: event.High, State: respond.ActionPending, CreatedAt: noon(), Expires: noon().Add(time.Hour),
	})
}

func TestPlaybooksAreListed(t *testing.T) {
	n := populate(t, newNode(t))
	list := decode[PlaybookList](t, n.as(t, auth.Viewer, "GET", "/api/v1/playbooks", nil))
	if len(list.Items) != 1 || list.Items[0].Mode != "approve" || len(list.Items[0].Does) != 2 || list.Items[0].When != "severity >= high" {
		t.Errorf("%+v", list)
	}
}

func TestAnActionIsApprovedOrRejectedOnce(t *testing.T) {
	n := populate(t, newNode(t))
	n.ask(1)
	n.ask(2)
	n.ask(3)
	page := decode[ActionPage](t, n.as(t, auth.Viewer, "GET", "/api/v1/playbooks/actions?state=pending&playbook=guessers&limit=2", nil))
	if len(page.Items) != 2 || page.NextCursor == nil || page.Items[0].Minutes != 60 || page.Items[0].Severity != "high" {
		t.Fatalf("%+v", page)
	}
	path := func(number int, verb string) string {
		return "/api/v1/playbooks/actions/" + rowID(number) + "/" + verb
	}
	yes := decode[Action](t, n.as(t, auth.Responder, "POST", path(1, "approve"), ActionDecision{Reason: "seen in the log"}))
	no := decode[Action](t, n.as(t, auth.Responder, "POST", path(2, "reject"), ActionDecision{Reason: "it is us"}))
	if yes.State != "due" || yes.DecidedBy == "" || yes.Reason != "seen in the log" || no.State != "rejected" || no.DecidedAt == nil {
		t.Errorf("%+v\n%+v", yes, no)
	}
	wantProblem(t, n.as(t, auth.Responder, "POST", path(2, "approve"), ActionDecision{Reason: "x"}), 409, "it is rejected")
	wantProblem(t, n.as(t, auth.Responder, "POST", path(9, "approve"), ActionDecision{Reason: "x"}), 404, "no action")
	wantProblem(t, n.as(t, auth.Responder, "POST", path(3, "approve"), ActionDecision{Reason: " "}), 422, "body.reason")
	n.clock.Advance(time.Hour)
	wantProblem(t, n.as(t, auth.Responder, "POST", path(3, "approve"), ActionDecision{Reason: "too late"}), 409, "does not wait")
	if got := n.actions.Audited(); len(got) != 2 || got[0].Action != "action.approve" || got[1].Action != "action.reject" {
		t.Errorf("audited: %+v", got)
	}
}

func TestWhatAPlaybookDidIsUndone(t *testing.T) {
	n := populate(t, newNode(t))
	for number, kind := range []playbook.Kind{playbook.Quarantine, playbook.Notify, playbook.KillSwitch, playbook.BlockAddress} {
		n.actions.Put(respond.Action{
			ID: rowID(10 + number), Playbook: "p", Kind: kind, Target: "v1:0a:0b", Topic: "incident.x.opened", EventID: rowID(99),
			State: respond.ActionDone, Result: "node-1/respond", CreatedAt: noon(), Expires: noon(),
		})
	}
	undo := func(role auth.Role, number int) *httptest.ResponseRecorder {
		return n.as(t, role, "POST", "/api/v1/playbooks/actions/"+rowID(number)+"/undo", ActionDecision{Reason: "a drill"})
	}
	for range 2 { // the second time nothing changes
		back := decode[Action](t, undo(auth.Responder, 10))
		if back.State != "undone" || back.DecidedBy == "" || back.Reason != "a drill" {
			t.Errorf("%+v", back)
		}
	}
	if got := n.secrets.Told(); len(got) != 1 || got[0] != "release v1:0a:0b" {
		t.Errorf("told: %v", got)
	}
	if got := n.actions.Audited(); len(got) != 1 || got[0].Action != "action.undo" {
		t.Errorf("audited: %+v", got)
	}
	n.turned.On = "the sentinel"
	n.ask(20)
	wantProblem(t, undo(auth.Responder, 11), 409, "cannot be unsaid")
	wantProblem(t, undo(auth.Responder, 12), 403, "only an admin")
	wantProblem(t, undo(auth.Admin, 12), 409, "another reason now (the sentinel)")
	wantProblem(t, undo(auth.Responder, 20), 409, "reject it instead")
	wantProblem(t, undo(auth.Responder, 30), 404, "no action")
	wantProblem(t, n.as(t, auth.Responder, "POST", "/api/v1/playbooks/actions/"+rowID(10)+"/undo", ActionDecision{Reason: " "}), 422, "body.reason")
	n.turned.Off = respond.ErrNoEgress
	wantProblem(t, undo(auth.Admin, 12), 409, "the egress sensor is off")
}
