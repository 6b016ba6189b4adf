package notify

import (
	"context"
	"fmt"
	"time"
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

// Status is one subscription's health.
type Status struct {
	ID             string
	Host           string // of the URL, whose rest may be a credential
	Format         string
	State          State
	Failures       int        // consecutive
	AutoDisabledAt *time.Time // nil: not tripped
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
		all = append(all, Status{
			ID: s.ID, Host: hostOf(s.URL), Format: s.Format, State: s.State(),
			Failures: s.Failures, AutoDisabledAt: s.AutoDisabledAt, Last: n.recall(s.ID),
		})
	}
	return all, nil
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
