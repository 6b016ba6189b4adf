package app

import (
	"context"
	"fmt"

	"go.cordon.dev/cordon/internal/config"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/httpx"
	"go.cordon.dev/cordon/internal/notify"
	"go.cordon.dev/cordon/internal/redact"
	"go.cordon.dev/cordon/internal/sqlstore"
)

// openNotify makes the notifier, which knows the webhooks and can test one, but
// does not run yet.
func (n *node) openNotify(context.Context) (_ stopFunc, err error) {
	wake, leave := n.wakes.listen()
	db := sqlstore.NewNotify(n.store, n.keys.Sealer)
	keep := keepDeliveries(n.cfg.Store.Retention.Deliveries)
	n.notifier, err = notify.New(notify.Deps{
		Queue: db, Ferry: db, Waiting: db, Subscriptions: db, Letters: db, Silences: db, Escalations: sqlstore.NewEscalations(n.store), Formats: formats(), Sealer: n.keys.Sealer,
		Guard: httpx.SafeDialer{Datagrams: true}.Control, PrivateGuard: httpx.SafeDialer{Datagrams: true, AllowPrivate: true}.Control,
		Node: n.name + "/notify", Log: n.log, Metrics: n.metrics.Notify, Tracer: n.tracer, Wake: wake,
	}, notify.Options{KeepDelivered: keep, KeepDead: keep})
	if err != nil {
		return nil, err
	}
	return func(context.Context) error {
		n.notifier.Close()
		leave()
		return nil
	}, nil
}

// startNotify makes the configured subscriptions those of the configuration
// and registers the notifier. Without a notify section none is configured, and
// those that were are removed; what operators made through the API stays.
func (n *node) startNotify(ctx context.Context) (stopFunc, error) {
	hooks, err := webhooks(n.cfg.Notify)
	if err != nil {
		return nil, err
	}
	if err := n.notifier.Sync(ctx, hooks); err != nil {
		return nil, err
	}
	return nil, n.add("notify", n.leased("notify", n.notifier.Run, nil))
}

// webhooks resolves the references of the configured webhooks.
func webhooks(c *config.Notify) ([]notify.Webhook, error) {
	if c == nil {
		return nil, nil
	}
	var out []notify.Webhook
	for i, w := range c.Webhooks {
		hook, err := webhook(w)
		if err != nil {
			return nil, fmt.Errorf("notify.webhooks[%d] (%s): %w", i, w.ID, err)
		}
		out = append(out, hook)
	}
	return out, nil
}

func webhook(w config.Webhook) (notify.Webhook, error) {
	url, err := w.URL.Resolve()
	if err != nil {
		return notify.Webhook{}, fmt.Errorf("url: %w", err)
	}
	secret, err := resolveOptional(w.Secret)
	if err != nil {
		return notify.Webhook{}, fmt.Errorf("secret: %w", err)
	}
	topics, err := notify.ExpandTopics(w.Presets, w.Topics)
	if err != nil {
		return notify.Webhook{}, err
	}
	hook := notify.Webhook{
		ID: w.ID, URL: url, Secret: secret, Topics: topics, Format: w.Format, MinSeverity: event.Info,
		MinConfidence: w.MinConfidence, Rules: w.Rules, Sources: w.Sources, AllowPrivate: w.AllowPrivate,
	}
	period, err := w.Period()
	if err != nil {
		return notify.Webhook{}, fmt.Errorf("digest: %w", err)
	}
	hook.Manner = notify.Manner{Digest: period, Quiet: w.Quiet, Zone: w.Timezone, Urgent: w.Urgent}
	hook.Template = w.Template
	if hook.Escalate, err = escalation(w); err != nil {
		return notify.Webhook{}, fmt.Errorf("escalate: %w", err)
	}
	if hook.Format == "" {
		hook.Format = "generic"
	}
	if w.MinSeverity != nil {
		hook.MinSeverity = *w.MinSeverity
	}
	return hook, nil
}

// escalation is who is told of incidents that nobody acknowledges.
func escalation(w config.Webhook) (out []notify.Step, err error) {
	all, err := w.Steps()
	for _, s := range all {
		out = append(out, notify.Step{After: s.After, To: s.To})
	}
	return out, err
}

func resolveOptional(s config.Secret) (redact.Secret, error) {
	if s.IsZero() {
		return redact.Secret{}, nil
	}
	return s.Resolve()
}
