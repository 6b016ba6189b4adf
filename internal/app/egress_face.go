package app

import (
	"context"
	"errors"
	"os"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/egress"
	"go.cordon.dev/cordon/internal/egress/killswitch"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/telemetry"
)

// How the kill switch is watched and told of.
const (
	switchLook  = time.Second
	switchStore = 3 * time.Second // for the store, when the switch is turned
	switchAgain = time.Second     // between attempts to store its event
)

// KillSwitch implements api.EgressSwitch.
func (n *node) KillSwitch() api.EgressKillSwitch {
	s := n.egress.kill.State()
	out := api.EgressKillSwitch{Active: s.On, Reason: s.Reason, By: s.By}
	if !s.Since.IsZero() {
		since := s.Since
		out.Since = &since
	}
	return out
}

// TurnKillSwitch implements api.EgressSwitch. On: the file, which takes effect
// at once, then the store. Off: the store first, so that nothing goes on that
// nobody answers for.
func (n *node) TurnKillSwitch(ctx context.Context, on bool, by audit.Entry) error {
	e := n.egress
	turn := func() error { return e.kill.Set(on, by.Reason, by.Actor.Name, by.Time) }
	keep := func() error {
		ctx, cancel := context.WithTimeout(ctx, switchStore)
		defer cancel()
		return e.db.TurnKillSwitch(ctx, n.name, killswitch.State{On: on, Reason: by.Reason, By: by.Actor.Name, Since: by.Time}, by)
	}
	if on {
		return errors.Join(turn(), keep())
	}
	if err := keep(); err != nil {
		return err
	}
	return turn()
}

// switchChanged severs what is open, and has the change told.
func (e *egressSensor) switchChanged(s killswitch.State) {
	if s.On && e.gateway != nil {
		e.gateway.Sever("kill switch: " + s.Reason)
	}
	e.news.tell()
	select {
	case e.turned <- s:
	default: // turned so often that nobody keeps up; the audit log has each turn
	}
}

// watchSwitch looks at the switch's files, obeys the signal, and stores an
// event for every change.
func (n *node) watchSwitch(ctx context.Context) error {
	signals := make(chan os.Signal, 1)
	defer notifySwitch(signals)()
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { n.egress.kill.Watch(ctx, switchLook, signals, time.Now) })
	for {
		select {
		case <-ctx.Done():
			return nil
		case s := <-n.egress.turned:
			n.tellSwitch(ctx, s)
		}
	}
}

// tellSwitch stores the event of a change, however long the store is away.
func (n *node) tellSwitch(ctx context.Context, s killswitch.State) {
	severity, subject := event.Critical, "kill switch on"
	if !s.On {
		severity, subject = event.High, "kill switch off"
	}
	n.log.Warn(subject, "event", "egress_killswitch", "reason", s.Reason, "by", s.By)
	e, err := event.New(event.Header{Time: time.Now(), Source: n.name + "/egress", Severity: severity, Subject: subject},
		event.KillSwitchChanged{Active: s.On, Reason: s.Reason, ChangedBy: s.By, Since: s.Since})
	for err == nil {
		if err := n.emit(ctx, e); err == nil || ctx.Err() != nil {
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(switchAgain):
		}
	}
	n.log.Error("telling of the kill switch", "error", err)
}

// Listens implements api.EgressGateway.
func (n *node) Listens() api.EgressDoors {
	e := n.egress
	return api.EgressDoors{Gateway: e.address, DNS: e.dnsAddress(), Transparent: e.transparent}
}

// Recording implements api.EgressGateway.
func (n *node) Recording() error { return n.egress.recording() }

// recording is why decisions cannot be recorded; nil when they are.
func (e *egressSensor) recording() error {
	if e.ledger == nil {
		return e.broken
	}
	return e.ledger.Health()
}

// Flows implements api.EgressGateway.
func (n *node) Flows() []api.EgressFlow {
	if n.egress.gateway == nil {
		return nil
	}
	all := n.egress.gateway.Flows(0)
	out := make([]api.EgressFlow, len(all))
	for i, f := range all {
		out[i] = apiFlow(f)
	}
	return out
}

func apiFlow(f egress.FlowInfo) api.EgressFlow {
	out := api.EgressFlow{
		ID: f.ID, Since: f.Began, Client: f.Client.String(), Host: f.Host, Port: f.Port, Protocol: string(f.Protocol), Rule: f.Decision.RuleID,
		Exe: f.Program.Exe, PID: f.Program.PID, BytesOut: f.BytesOut, BytesIn: f.BytesIn,
	}
	if f.Address.IsValid() {
		out.Address = f.Address.String()
	}
	return out
}

// sample is what a scrape is told.
func (e *egressSensor) sample() telemetry.EgressSample {
	on, _ := e.kill.On()
	out := telemetry.EgressSample{KillSwitch: on, Recording: e.recording() == nil}
	if e.gateway == nil {
		return out
	}
	s := e.gateway.Stats()
	out.Clients, out.Flows, out.Allowed, out.BytesOut, out.BytesIn = s.Clients, s.Flows, s.Allowed, s.BytesOut, s.BytesIn
	out.Denied = make(map[string]int64, len(s.Denied))
	for reason, n := range s.Denied {
		out.Denied[string(reason)] = n
	}
	_, _, out.Missed = e.recorder.Counts()
	out.Line = e.ledger.Head().Seq
	return out
}

// egressChecks says how the sensor is doing.
func (n *node) egressChecks() []api.Check {
	e := n.egress
	if e == nil || e.kill == nil {
		return nil
	}
	gate := api.Check{Name: "egress gateway", Kind: "egress", Status: ok}
	switch on, why := e.kill.On(); {
	case e.recording() != nil:
		gate.Status, gate.Detail = failing, e.recording().Error()
	case on:
		gate.Status, gate.Detail = degraded, "the kill switch is on: "+why
	case e.address == "":
		gate.Status, gate.Detail = degraded, "it does not listen: "+e.cfg.Listen+" was in use"
	}
	rules := api.Check{Name: "egress policy", Kind: "egress", Status: ok}
	if err := e.policies.Problem(); err != nil {
		rules.Status, rules.Detail = degraded, err.Error()
	} else if e.policies.Policy() == nil {
		rules.Detail = "there is no policy yet, so everything is denied; begin with: cordon egress init"
	}
	return []api.Check{gate, rules}
}
