package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/redact"
)

const (
	maxWebhooks = 256
	maxTopics   = 64
	maxID       = 64
	goodSecret  = 24 // bytes; Standard Webhooks 1.0 asks for 24 to 64
)

// Webhook is a subscription as the configuration file states it. The URL is
// kept like a secret, since for some receivers it is the only one.
type Webhook struct {
	ID           string         // Mandatory. Stable; 1 to 64 letters, digits, - or _.
	URL          redact.Secret  // Mandatory. See CheckURL.
	Secret       redact.Secret  // whsec_ and base64, or any bytes. If zero, deliveries are not signed.
	Topics       []string       // Mandatory. See event.CheckPattern.
	Format       string         // Mandatory. The name of a known format.
	MinSeverity  event.Severity // The mildest severity to deliver.
	AllowPrivate bool           // May point at loopback and private addresses.
}

// Check reports everything that is wrong with the webhooks, each fault with
// the entry's place and id. It shows no URL and no secret.
func Check(hooks []Webhook, formats []Format) error {
	if len(hooks) > maxWebhooks {
		return fmt.Errorf("notify.webhooks: %d entries are more than %d", len(hooks), maxWebhooks)
	}
	var errs []error
	seen := map[string]bool{}
	for i, h := range hooks {
		where := fmt.Sprintf("notify.webhooks[%d] %q", i, h.ID)
		errs = append(errs, checkOne(where, h, formats)...)
		if seen[h.ID] {
			errs = append(errs, fmt.Errorf("%s: id is used twice", where))
		}
		seen[h.ID] = true
	}
	return errors.Join(errs...)
}

func checkOne(where string, h Webhook, formats []Format) (errs []error) {
	for _, err := range []error{
		checkID(h.ID),
		CheckURL(h.URL.Reveal(), h.AllowPrivate),
		checkTopics(h.Topics),
		checkFormat(h.Format, formats),
		checkSecret(h.Secret),
	} {
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", where, err))
		}
	}
	return errs
}

func checkID(id string) error {
	ok := id != "" && len(id) <= maxID
	for _, r := range id {
		ok = ok && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-')
	}
	if !ok {
		return fmt.Errorf("id must be 1 to %d letters, digits, - or _", maxID)
	}
	return nil
}

func checkTopics(topics []string) error {
	if len(topics) == 0 {
		return errors.New("topics are missing; leak.message.quarantined or leak.> is a good start")
	}
	if len(topics) > maxTopics {
		return fmt.Errorf("%d topics are more than %d", len(topics), maxTopics)
	}
	for _, t := range topics {
		if err := event.CheckPattern(t); err != nil {
			return err
		}
	}
	return nil
}

func checkFormat(name string, formats []Format) error {
	if findFormat(name, formats) == nil {
		return unknownFormat(name, formats)
	}
	return nil
}

func checkSecret(s redact.Secret) error {
	_, err := newSigner([]byte(s.Reveal()))
	return err
}

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
		MinSeverity: h.MinSeverity, AllowPrivate: h.AllowPrivate, Managed: true, Enabled: true,
	}
}

func (n *Notifier) store(ctx context.Context, subs []Subscription) error {
	names := make([]string, 0, len(subs))
	for _, s := range subs {
		names = append(names, s.ID)
	}
	e, err := event.New(event.Header{
		Time: n.deps.Clock.Now(), Source: n.deps.Node, Severity: event.Info, Subject: "webhook subscriptions changed",
	}, event.SubscriptionsChanged{Names: names})
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

// warn names what works but is not wise.
func (n *Notifier) warn(h Webhook) {
	log := n.deps.Log.With("subscription", h.ID, "host", hostOf(h.URL.Reveal()))
	if inClear(h.URL.Reveal()) && !h.AllowPrivate {
		log.Warn("webhook is not encrypted; use https")
	}
	if size := len(h.Secret.Reveal()); size > 0 && size < goodSecret {
		log.Warn("webhook secret is short", "bytes", size, "recommended", goodSecret)
	}
}
