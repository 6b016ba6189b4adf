package notify

import (
	"context"
	"errors"
	"fmt"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/redact"
)

// Change is what an operator makes of a webhook: the whole of it, but a URL or
// secret that is zero stays as it is, since neither is ever shown.
type Change struct {
	Webhook        // its ID names the webhook
	NewSecret bool // a new signing secret is made
	// Version is the one the change rests on. If empty, whatever is stored is
	// changed; else ErrVersion when it is another by now.
	Version string
}

// ErrVersion: somebody changed the webhook meanwhile.
var ErrVersion = errors.New("the webhook has changed since it was read")

// Create adds a webhook. Without a secret one is made, unless the format wants
// a key; made is zero when none was, and is never to be had again. A bad
// field is an InputError.
func (n *Notifier) Create(ctx context.Context, h Webhook, by audit.Entry) (_ Status, made redact.Secret, err error) {
	if h.Secret.IsZero() && n.secretKind(h.Format) == "" {
		made = newSecret()
		h.Secret = made
	}
	if fs := h.faults(n.deps.Formats); len(fs) > 0 {
		return Status{}, made, fs[0]
	}
	if err := errors.Join(n.room(ctx), n.stepsLead(ctx, h)); err != nil {
		return Status{}, made, err
	}
	sealed, err := n.seal(h.Secret, nil)
	if err != nil {
		return Status{}, made, fmt.Errorf("sealing secret of webhook %q: %w", h.ID, err)
	}
	s := h.subscription(sealed)
	s.Managed = false
	e, err := n.changed(event.Info, "webhook "+h.ID+" added", h.ID)
	if err != nil {
		return Status{}, made, err
	}
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	if err := n.deps.Subscriptions.AddSubscription(ctx, s, by, e); err != nil {
		return Status{}, made, fmt.Errorf("adding webhook %q: %w", h.ID, err)
	}
	n.warn(h)
	return n.status(s), made, nil
}

// room refuses more webhooks than a node serves.
func (n *Notifier) room(ctx context.Context) error {
	subs, err := n.subscriptions(ctx)
	if err == nil && len(subs) >= maxWebhooks {
		err = &InputError{"id", fmt.Sprintf("there are %d webhooks, which is the most; remove one first", len(subs))}
	}
	return err
}

// Update changes a webhook that operators made. A new address clears its
// failures.
func (n *Notifier) Update(ctx context.Context, c Change, by audit.Entry) (_ Status, made redact.Secret, err error) {
	if err := n.stepsLead(ctx, c.Webhook); err != nil {
		return Status{}, made, err
	}
	s, err := n.change(ctx, c.ID, "changed", by, func(old Subscription) (Subscription, error) {
		if old.Managed {
			return old, ErrManaged
		}
		if c.Version != "" && c.Version != old.Version() {
			return old, ErrVersion
		}
		var s Subscription
		s, made, err = n.apply(c, old)
		return s, err
	})
	return s, made, err
}

// apply is old with c made of it.
func (n *Notifier) apply(c Change, old Subscription) (_ Subscription, made redact.Secret, err error) {
	h := c.Webhook
	if h.URL.IsZero() {
		h.URL = redact.NewSecret(old.URL)
	}
	if made, err = n.secretFor(c, old); err != nil {
		return old, made, err
	}
	if !made.IsZero() {
		h.Secret = made
	}
	keep := h.Secret.IsZero() && n.secretKind(h.Format) == n.secretKind(old.Format)
	if fs := h.faults(n.deps.Formats); len(fs) > 0 && !(keep && fs[0].Field == "secret") {
		return old, made, fs[0]
	}
	sealed := old.SealedSecret
	if !keep {
		if sealed, err = n.seal(h.Secret, old.SealedSecret); err != nil {
			return old, made, fmt.Errorf("sealing secret: %w", err)
		}
	}
	s := h.subscription(sealed)
	s.Managed, s.Enabled, s.Failures, s.AutoDisabledAt = false, old.Enabled, old.Failures, old.AutoDisabledAt
	if s.URL != old.URL {
		s.Failures = 0
	}
	return s, made, nil
}

// secretFor makes a signing secret when one is asked for, and when the stored
// one was a receiver's key, which is no signing secret; else zero.
func (n *Notifier) secretFor(c Change, old Subscription) (redact.Secret, error) {
	kind := n.secretKind(c.Format)
	switch {
	case c.NewSecret && kind != "":
		return redact.Secret{}, &InputError{"new_secret", "the format " + c.Format + " takes the receiver's key as its secret; give that instead"}
	case c.NewSecret && !c.Secret.IsZero():
		return redact.Secret{}, &InputError{"new_secret", "a secret is given, too; leave out one of them"}
	case c.NewSecret, c.Secret.IsZero() && kind == "" && n.secretKind(old.Format) != "":
		return newSecret(), nil
	}
	return redact.Secret{}, nil
}

// Enable lets a paused or tripped webhook deliver again: its failures are
// forgotten and what waited for it is sent.
func (n *Notifier) Enable(ctx context.Context, id string, by audit.Entry) (Status, error) {
	return n.change(ctx, id, "enabled", by, func(s Subscription) (Subscription, error) {
		s.Enabled, s.Failures, s.AutoDisabledAt = true, 0, nil
		return s, nil
	})
}

// Pause stops a webhook: nothing more is queued for it, and what waits is kept
// for as long as for a tripped one.
func (n *Notifier) Pause(ctx context.Context, id string, by audit.Entry) (Status, error) {
	return n.change(ctx, id, "paused", by, func(s Subscription) (Subscription, error) {
		if s.Managed {
			return s, ErrManaged
		}
		s.Enabled, s.Failures, s.AutoDisabledAt = false, 0, nil
		return s, nil
	})
}

func (n *Notifier) change(ctx context.Context, id, what string, by audit.Entry, change func(Subscription) (Subscription, error)) (Status, error) {
	e, err := n.changed(event.Info, "webhook "+id+" "+what, id)
	if err != nil {
		return Status{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	s, err := n.deps.Subscriptions.ChangeSubscription(ctx, id, change, by, e)
	if err != nil {
		return Status{}, fmt.Errorf("changing webhook %q: %w", id, err)
	}
	n.wakeDispatcher()
	return n.status(s), nil
}

// Remove ends a webhook that operators made. What was on its way to it becomes
// a dead letter.
func (n *Notifier) Remove(ctx context.Context, id string, by audit.Entry) error {
	e, err := n.changed(event.Info, "webhook "+id+" removed", id)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	if err := n.deps.Subscriptions.RemoveSubscription(ctx, id, by, e); err != nil {
		return fmt.Errorf("removing webhook %q: %w", id, err)
	}
	return nil
}
