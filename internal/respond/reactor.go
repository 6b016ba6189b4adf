package respond

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/follow"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/respond/playbook"
)

// Consumer is the Reactor's name in the event log.
const Consumer = "respond"

const (
	batch = 256 // events, and actions that are done, in one step
	poll  = 2 * time.Second
	again = time.Second // after a failure; and how often actions are looked at when nobody said anything of them
	hour  = time.Hour
)

// Switch stops all that leaves.
type Switch interface {
	// StopEgress turns the kill switch on, with the audit entry. ErrNoEgress.
	StopEgress(ctx context.Context, by audit.Entry) error
	// ResumeEgress turns it off if it is still on for the reason that it was turned on
	// with, likewise; other says for which reason it is on now when that is another.
	ResumeEgress(ctx context.Context, reason string, by audit.Entry) (other string, err error)
}

// Quarantine keeps secrets and messages back wherever Cordon stands in the way.
type Quarantine interface {
	// Withhold has every gateway withhold the action's secret or message, and makes a
	// quarantine entry of the newest finding of a secret when there is no entry; what is
	// so already stays. All is stored with the audit entry in one transaction. It returns
	// the id of the entry that was made for the secret; empty: none was. ErrJudged,
	// ErrMayPass.
	Withhold(ctx context.Context, a Action, by audit.Entry, source string) (entry string, err error)
	// Release takes that back, likewise; the entry stays. still says what
	// withholds it all the same; empty: nothing does.
	Release(ctx context.Context, a Action, by audit.Entry) (still string, err error)
}

// ErrJudged: a person judged that it is no secret, and a playbook does not overrule them.
var ErrJudged = errors.New("a person reviewed it as false positive; to have it withheld, review its quarantine entry again")

// ErrMayPass: a person let the message pass, likewise.
var ErrMayPass = errors.New("a person decided that the message may pass; to have it withheld, block its id on the page Gateway")

// ErrNoEgress: there is no egress sensor whose switch could be turned.
var ErrNoEgress = errors.New("the egress sensor is off")

// ReactorDeps are the parts of a Reactor.
type ReactorDeps struct {
	Log       ActionLog            // Mandatory.
	Store     ActionStore          // Mandatory.
	Blocks    *List                // Mandatory.
	Switch    Switch               // Mandatory.
	Secrets   Quarantine           // Mandatory.
	Node      string               // Mandatory: node/respond, who says the events
	Playbooks []*playbook.Playbook // If none, nothing is answered. SetPlaybooks changes them.
	Wake      <-chan struct{}      // says that the log has grown. If nil, the log is only polled.
	Clock     clock.Clock          // If nil, the machine's.
	Logger    *slog.Logger         // If nil, discards.
}

// Reactor answers events by playbooks. One in a cluster runs at a time.
type Reactor struct {
	d        ReactorDeps
	troubles troubles
	repeats  repeats
	log      *follow.Reader[Proposed]
	news     bool      // something was said of actions since they were looked at
	looked   time.Time // when they were
	inForce
}

// NewReactor makes a Reactor. The error says what is missing.
func NewReactor(d ReactorDeps) (*Reactor, error) {
	if d.Log == nil || d.Store == nil || d.Blocks == nil || d.Switch == nil || d.Secrets == nil || d.Node == "" {
		return nil, errors.New("making the response reactor: Log, Store, Blocks, Switch, Secrets and Node must be given")
	}
	if d.Clock == nil {
		d.Clock = clock.Real{}
	}
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	r := &Reactor{d: d, troubles: troubles{}, repeats: repeats{}}
	r.log = r.reader()
	r.SetPlaybooks(d.Playbooks)
	return r, nil
}

// Run follows the log until ctx ends. While the store is away it waits, and goes on
// where it was.
func (r *Reactor) Run(ctx context.Context) error {
	r.log, r.news = r.reader(), true // since it ran last, another node may have
	return follow.Loop{
		Step: r.step, Within: 3 * storeTimeout, Wake: r.d.Wake, Clock: r.d.Clock, Poll: poll, Again: again,
		Log: r.d.Logger, Fails: "playbooks wait, trying again", Works: "playbooks go on",
	}.Run(ctx)
}

// step reads a batch of the log, gives up what nobody approved, and does what is due,
// that which a crash left included.
func (r *Reactor) step(ctx context.Context) (more bool, err error) {
	if more, err = r.log.Step(ctx); err != nil {
		return false, err
	}
	now := r.d.Clock.Now()
	if !r.news && now.Sub(r.looked) < again && !now.Before(r.looked) {
		return more, nil
	}
	if err := r.each(ctx, ActionPending, r.giveUp); err != nil {
		return false, fmt.Errorf("giving up actions: %w", err)
	}
	if err := r.each(ctx, ActionDue, r.carryOut); err != nil {
		return false, fmt.Errorf("carrying out actions: %w", err)
	}
	r.troubles.forget()
	r.news, r.looked = false, now
	return more, nil
}

// each calls f for every action in a state, a page at a time.
func (r *Reactor) each(ctx context.Context, state ActionState, f func(context.Context, Action) error) error {
	for before := ""; ; {
		some, err := r.d.Store.ListActions(ctx, ActionFilter{State: state}, before, batch)
		if err != nil {
			return err
		}
		for _, a := range some {
			if err := f(ctx, a); err != nil && !errors.Is(err, ErrNotPending) {
				return err
			}
			before = a.ID
		}
		if len(some) < batch {
			return nil
		}
	}
}

// reader proposes what the log leads to.
func (r *Reactor) reader() *follow.Reader[Proposed] {
	return &follow.Reader[Proposed]{
		Log: r.d.Log, Consumer: Consumer, Most: batch, Clock: r.d.Clock, Read: r.read,
		Store: func(ctx context.Context, read follow.Span, all []Proposed) error {
			now := r.d.Clock.Now()
			all = r.repeats.fresh(all, now)
			if err := r.grow(ctx, all); err != nil {
				return err
			}
			r.news = r.news || len(all) > 0
			if err := r.d.Log.Propose(ctx, Proposal{read, now.Add(-hour), all}); err != nil {
				return fmt.Errorf("storing actions: %w", err)
			}
			r.repeats.note(all, now)
			return nil
		},
	}
}

func (r *Reactor) read(records []event.Record) (all []Proposed) {
	for _, rec := range records {
		r.news = r.news || rec.Event.Topic == event.TopicActionChanged
		all = append(all, r.answers(rec.Event)...)
	}
	return all
}

// answers is what the playbooks want done about one event. One that cannot be asked
// wants nothing; it will not be better the next time.
func (r *Reactor) answers(e event.Event) (out []Proposed) {
	for _, p := range r.now() {
		actions, err := p.Answers(e)
		if err != nil {
			r.d.Logger.Error("a playbook cannot judge an event", "playbook", p.ID, "event", e.ID, "topic", e.Topic, "error", err)
		}
		for _, a := range actions {
			one, err := r.propose(p, a, e)
			if err != nil {
				r.d.Logger.Error("what a playbook wants cannot be told, and is left out", "playbook", p.ID, "event", e.ID, "error", err)
				continue
			}
			out = append(out, one)
		}
	}
	return out
}

func (r *Reactor) propose(p *playbook.Playbook, a playbook.Action, e event.Event) (Proposed, error) {
	now := r.d.Clock.Now().UTC()
	action := Action{
		ID: id.New(), Playbook: p.ID, Kind: a.Kind, Target: a.Target, For: a.For, Text: a.Text,
		EventID: e.ID, Topic: e.Topic, CorrelationID: e.CorrelationID, Severity: e.Severity, CreatedAt: now, Expires: now.Add(p.Within),
		State: map[playbook.Mode]ActionState{playbook.DryRun: ActionDryRun, playbook.Approve: ActionPending, playbook.Act: ActionDue}[p.Mode],
	}
	said, err := action.Event(r.d.Node, now)
	return Proposed{Action: action, Event: said, PerHour: p.PerHour, UpTo: a.UpTo}, err
}

// giveUp ends a pending action whose time is over.
func (r *Reactor) giveUp(ctx context.Context, a Action) error {
	now := r.d.Clock.Now().UTC()
	if now.Before(a.Expires) {
		return nil
	}
	return r.change(ctx, a, "action.give_up", func(a *Action) error { return a.expire(now) })
}

// carryOut does an action that is due. What cannot succeed later has failed; what may,
// is tried again, and others are done meanwhile.
func (r *Reactor) carryOut(ctx context.Context, a Action) error {
	result, wait, why := r.attempt(ctx, a)
	if wait {
		return ctx.Err()
	}
	state := ActionDone
	if why != nil {
		state, result = ActionFailed, why.Error()
		r.repeats.failed(a)
	}
	return r.change(ctx, a, "action.do", func(a *Action) error {
		if a.State != ActionDue {
			return ErrNotPending
		}
		a.State, a.Result = state, result
		return nil
	})
}

// final reports whether an action that failed so would fail again.
func final(err error) bool {
	var input *InputError
	return errors.As(err, &input) || errors.Is(err, ErrTooMany) || errors.Is(err, ErrNoEgress) || errors.Is(err, ErrJudged) || errors.Is(err, ErrMayPass)
}

// do does it, and returns what it led to.
func (r *Reactor) do(ctx context.Context, a Action) (result string, err error) {
	switch a.Kind {
	case playbook.BlockAddress:
		return r.block(ctx, a)
	case playbook.Quarantine, playbook.QuarantineMessage:
		return r.d.Secrets.Withhold(ctx, a, r.act(a, "gossip.withhold"), r.d.Node)
	case playbook.KillSwitch:
		return r.d.Node, r.d.Switch.StopEgress(ctx, r.act(a, "egress.killswitch.on"))
	}
	return "", nil // to say so is to change its state
}

func (r *Reactor) block(ctx context.Context, a Action) (string, error) {
	network, err := ParseNetwork(a.Target)
	if err != nil {
		return "", &InputError{"network", err.Error()}
	}
	by := r.act(a, "block.add")
	b := Block{Network: household(network), Origin: ByPlaybook, By: a.Playbook, EventID: a.EventID, Reason: by.Reason}
	made, err := r.d.Blocks.Add(ctx, b, a.For, by)
	if input := (*InputError)(nil); errors.As(err, &input) && b.Network != network { // somebody else in it must not be blocked
		b.Network = network
		made, err = r.d.Blocks.Add(ctx, b, a.For, by)
	}
	if errors.Is(err, ErrDone) { // before a crash
		return "", nil
	}
	return made.ID, err
}

// act begins the audit entry of something a playbook does.
func (r *Reactor) act(a Action, action string) audit.Entry {
	return audit.Entry{
		ID: id.New(), Time: r.d.Clock.Now().UTC().Truncate(time.Microsecond), Actor: audit.Actor{Kind: "system", Name: "playbook " + a.Playbook},
		Action: action, Target: a.ID, Reason: a.because(),
	}
}

func (r *Reactor) change(ctx context.Context, a Action, action string, f func(*Action) error) error {
	_, err := r.d.Store.ChangeAction(ctx, a.ID, r.act(a, action), func(a *Action) (event.Event, error) {
		if err := f(a); err != nil {
			return event.Event{}, err
		}
		return a.Event(r.d.Node, r.d.Clock.Now())
	})
	return err
}
