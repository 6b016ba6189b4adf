package notify

import (
	"bytes"
	"context"
	"fmt"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/redact"
)

// Sync makes the stored subscriptions those of the configuration file: it
// checks all, seals their secrets and changes nothing when one is wrong.
func (n *Notifier) Sync(ctx context.Context, hooks []Webhook) error {
	if err := Check(hooks, n.deps.Formats); err != nil {
		return err
	}
	known, err := n.sealedSecrets(ctx)
	if err != nil {
		return err
	}
	subs := make([]Subscription, 0, len(hooks))
	for _, h := range hooks {
		n.warn(h)
		sealed, err := n.seal(h.Secret, known[h.ID])
		if err != nil {
			return fmt.Errorf("sealing secret of webhook %q: %w", h.ID, err)
		}
		subs = append(subs, h.subscription(sealed))
	}
	return n.store(ctx, subs)
}

func (n *Notifier) sealedSecrets(ctx context.Context) (map[string][]byte, error) {
	subs, err := n.subscriptions(ctx)
	if err != nil {
		return nil, err
	}
	sealed := map[string][]byte{}
	for _, s := range subs {
		sealed[s.ID] = s.SealedSecret
	}
	return sealed, nil
}

// seal keeps what is stored when it holds the same secret: sealing draws a
// fresh nonce, and a restart should not look like a change.
func (n *Notifier) seal(secret redact.Secret, stored []byte) ([]byte, error) {
	if secret.IsZero() {
		return nil, nil
	}
	plain := []byte(secret.Reveal())
	defer clear(plain)
	if len(stored) > 0 {
		was, err := n.deps.Sealer.Open(stored)
		defer clear(was)
		if err == nil && bytes.Equal(was, plain) {
			return stored, nil
		}
	}
	return n.deps.Sealer.Seal(plain)
}

func (h Webhook) subscription(sealed []byte) Subscription {
	return Subscription{
		ID: h.ID, URL: h.URL.Reveal(), SealedSecret: sealed, Topics: h.Topics, Format: h.Format,
		MinSeverity: h.MinSeverity, MinConfidence: h.MinConfidence, Rules: h.Rules, Sources: h.Sources,
		AllowPrivate: h.AllowPrivate, Manner: h.Manner, Template: h.Template, Escalate: h.Escalate, Managed: true, Enabled: true,
	}
}

func (n *Notifier) store(ctx context.Context, subs []Subscription) error {
	names := make([]string, 0, len(subs))
	for _, s := range subs {
		names = append(names, s.ID)
	}
	e, err := n.changed(event.Info, "webhook subscriptions changed", names...)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	changed, err := n.deps.Subscriptions.SyncManaged(ctx, subs, e)
	if err != nil {
		return fmt.Errorf("storing webhooks: %w", err)
	}
	if changed {
		n.deps.Log.Info("webhook subscriptions changed", "subscriptions", names)
		n.wakeDispatcher()
	}
	return nil
}

// changed is the event that tells of new, changed or removed subscriptions.
func (n *Notifier) changed(severity event.Severity, subject string, names ...string) (event.Event, error) {
	return event.New(event.Header{Time: n.deps.Clock.Now(), Source: n.deps.Node, Severity: severity, Subject: subject},
		event.SubscriptionsChanged{Names: append([]string{}, names...)})
}

// warn names what works but is not wise.
func (n *Notifier) warn(h Webhook) {
	log := n.deps.Log.With("subscription", h.ID, "host", hostOf(h.URL.Reveal()))
	if inClear(h.URL.Reveal()) && !h.AllowPrivate {
		log.Warn("webhook is not encrypted; use https, smtps or syslog+tls")
	}
	if size := len(h.Secret.Reveal()); size > 0 && size < goodSecret && n.secretKind(h.Format) == "" {
		log.Warn("webhook secret is short", "bytes", size, "recommended", goodSecret)
	}
}
