package notify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// State is what an observer sees of a subscription.
type State string

// The three states of a subscription.
const (
	Active  State = "active"  // delivers
	Paused  State = "paused"  // a person disabled it: nothing is queued for it
	Tripped State = "tripped" // its breaker disabled it: deliveries queue until it is enabled again
)

// State derives the state from what is stored.
func (s Subscription) State() State {
	switch {
	case s.Enabled:
		return Active
	case s.AutoDisabledAt != nil:
		return Tripped
	}
	return Paused
}

// Attempt is how one try to deliver ended.
type Attempt struct {
	At         time.Time
	OK         bool
	HTTPStatus int    // 0: no answer
	Error      string // empty when OK
}

// Status is one subscription as it may be shown: its settings and its health.
type Status struct {
	ID             string
	Host           string // of the URL, whose rest may be a credential
	Format         string
	Topics         []string
	MinSeverity    event.Severity
	MinConfidence  float64
	Rules, Sources []string
	AllowPrivate   bool
	Manner         Manner
	Template       string
	Escalate       []Step
	Managed        bool
	Signed         bool // deliveries carry a signature, or a key
	State          State
	Failures       int        // consecutive
	AutoDisabledAt *time.Time // nil: not tripped
	Version        string     // changes with every setting
	Last           *Attempt   // since this process started; nil: none
}

// Status reports on every subscription, in the store's order.
func (n *Notifier) Status(ctx context.Context) ([]Status, error) {
	subs, err := n.subscriptions(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]Status, 0, len(subs))
	for _, s := range subs {
		all = append(all, n.status(s))
	}
	return all, nil
}

// Get reports on one subscription. ErrNotFound.
func (n *Notifier) Get(ctx context.Context, id string) (Status, error) {
	s, err := n.subscription(ctx, id)
	if err != nil {
		return Status{}, err
	}
	return n.status(s), nil
}

// Backlogs counts what waits and what was given up, by subscription.
func (n *Notifier) Backlogs(ctx context.Context) (map[string]Backlog, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	all, err := n.deps.Letters.Backlogs(ctx)
	if err != nil {
		return nil, fmt.Errorf("counting deliveries: %w", err)
	}
	return all, nil
}

func (n *Notifier) status(s Subscription) Status {
	return Status{
		ID: s.ID, Host: hostOf(s.URL), Format: s.Format, Topics: s.Topics, MinSeverity: s.MinSeverity, MinConfidence: s.MinConfidence,
		Rules: s.Rules, Sources: s.Sources, AllowPrivate: s.AllowPrivate, Manner: s.Manner, Template: s.Template, Escalate: s.Escalate, Managed: s.Managed, Signed: len(s.SealedSecret) > 0,
		State: s.State(), Failures: s.Failures, AutoDisabledAt: s.AutoDisabledAt, Version: s.Version(), Last: n.recall(s.ID),
	}
}

// Version names the settings of s, not its health: it is another when one of
// them changes. The address and the secret are in it, and cannot be told from
// it.
func (s Subscription) Version() string {
	s.Failures, s.Enabled, s.AutoDisabledAt = 0, true, nil
	b, err := json.Marshal(s)
	if err != nil { // a confidence that is no number; checked before it is stored
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}

func (n *Notifier) subscriptions(ctx context.Context) ([]Subscription, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	subs, err := n.deps.Subscriptions.ListSubscriptions(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing subscriptions: %w", err)
	}
	return subs, nil
}

func (n *Notifier) remember(subscription string, a Attempt) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.last[subscription] = a
}

func (n *Notifier) recall(subscription string) *Attempt {
	n.mu.Lock()
	defer n.mu.Unlock()
	a, ok := n.last[subscription]
	if !ok {
		return nil
	}
	return &a
}
