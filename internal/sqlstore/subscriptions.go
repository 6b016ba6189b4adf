package sqlstore

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify"
	"go.cordon.dev/cordon/internal/store"
)

// Sealer encrypts what is a credential by itself, such as a webhook's URL.
type Sealer interface {
	Seal(plain []byte) ([]byte, error)
	Open(sealed []byte) ([]byte, error)
}

// Notify keeps webhooks and the deliveries on their way to them.
type Notify struct {
	store      *store.Store
	sealer     Sealer
	maxWaiting int // deliveries that may wait for a disabled webhook
	full       fullness
	shelf      shelf
}

var (
	_ notify.Subscriptions = (*Notify)(nil)
	_ notify.Queue         = (*Notify)(nil)
	_ notify.Ferry         = (*Notify)(nil)
	_ notify.Waiting       = (*Notify)(nil)
	_ notify.Letters       = (*Notify)(nil)
	_ notify.Silences      = (*Notify)(nil)
)

// NewNotify returns the webhooks and their queue in s. Both are mandatory.
func NewNotify(s *store.Store, sealer Sealer) *Notify {
	return &Notify{store: s, sealer: sealer, maxWaiting: maxWaiting}
}

type subscriptionRow struct {
	bun.BaseModel `bun:"table:subscriptions"`

	ID             string     `bun:"id,pk"`
	SealedURL      []byte     `bun:"sealed_url"`
	SealedSecret   []byte     `bun:"sealed_secret"`
	Topics         string     `bun:"topics"` // a JSON list
	Format         string     `bun:"format"`
	MinSeverity    int        `bun:"min_severity"`
	AllowPrivate   bool       `bun:"allow_private"`
	Managed        bool       `bun:"managed"`
	Enabled        bool       `bun:"enabled"`
	Failures       int        `bun:"failures"`
	AutoDisabledAt *time.Time `bun:"auto_disabled_at"`
}

func (n *Notify) row(s notify.Subscription) (subscriptionRow, error) {
	topics, err := json.Marshal(s.Topics)
	if err != nil {
		return subscriptionRow{}, fmt.Errorf("encoding topics of webhook %s: %w", s.ID, err)
	}
	url, err := n.sealer.Seal([]byte(s.URL))
	if err != nil {
		return subscriptionRow{}, fmt.Errorf("sealing url of webhook %s: %w", s.ID, err)
	}
	return subscriptionRow{
		ID: text(s.ID), SealedURL: url, SealedSecret: s.SealedSecret, Topics: text(string(topics)), Format: text(s.Format),
		MinSeverity: int(s.MinSeverity), AllowPrivate: s.AllowPrivate, Managed: s.Managed, Enabled: s.Enabled,
		Failures: s.Failures, AutoDisabledAt: stampOrNil(s.AutoDisabledAt),
	}, nil
}

func (n *Notify) value(r subscriptionRow, x extras) (notify.Subscription, error) {
	url, err := n.sealer.Open(r.SealedURL)
	if err != nil {
		return notify.Subscription{}, fmt.Errorf("opening url of webhook %s: %w", r.ID, err)
	}
	s := notify.Subscription{
		ID: r.ID, URL: string(url), SealedSecret: r.SealedSecret, Format: r.Format, MinSeverity: event.Severity(r.MinSeverity),
		AllowPrivate: r.AllowPrivate, Managed: r.Managed, Enabled: r.Enabled, Failures: r.Failures, AutoDisabledAt: utc(r.AutoDisabledAt),
	}
	if err := json.Unmarshal([]byte(r.Topics), &s.Topics); err != nil {
		return notify.Subscription{}, fmt.Errorf("decoding webhook %s: %w", r.ID, err)
	}
	if err := x.into(&s); err != nil {
		return notify.Subscription{}, fmt.Errorf("decoding webhook %s: %w", r.ID, err)
	}
	return s, nil
}

// ListSubscriptions implements notify.Subscriptions, by id.
func (n *Notify) ListSubscriptions(ctx context.Context) ([]notify.Subscription, error) {
	var rows []subscriptionRow
	if err := n.store.Reader().NewSelect().Model(&rows).Order("id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("listing webhooks: %w", err)
	}
	all, err := readExtras(ctx, n.store.Reader())
	if err != nil {
		return nil, fmt.Errorf("listing webhooks: %w", err)
	}
	out := make([]notify.Subscription, len(rows))
	for i, r := range rows {
		s, err := n.value(r, all[r.ID])
		if err != nil {
			return nil, err
		}
		out[i] = s
	}
	return out, nil
}

// SyncManaged implements notify.Subscriptions. What was on its way to a
// webhook that is removed becomes a dead letter.
func (n *Notify) SyncManaged(ctx context.Context, subs []notify.Subscription, e event.Event) (changed bool, err error) {
	err = n.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		changed, err = n.syncManaged(ctx, tx, subs)
		if err != nil || !changed {
			return err
		}
		return tx.Emit(e)
	})
	if err != nil {
		return false, fmt.Errorf("storing configured webhooks: %w", err)
	}
	return changed, nil
}

func (n *Notify) syncManaged(ctx context.Context, tx *store.Tx, subs []notify.Subscription) (changed bool, err error) {
	var rows []subscriptionRow
	if err := tx.NewSelect().Model(&rows).Scan(ctx); err != nil {
		return false, err
	}
	all, err := readExtras(ctx, tx)
	if err != nil {
		return false, err
	}
	gone := map[string]subscriptionRow{}
	for _, r := range rows {
		gone[r.ID] = r
	}
	for _, s := range subs {
		known, found := gone[text(s.ID)]
		did, err := n.syncOne(ctx, tx, s, knownSubscription{known, all[known.ID], found})
		if err != nil {
			return false, err
		}
		changed = changed || did
		delete(gone, text(s.ID))
	}
	for _, r := range gone {
		if !r.Managed {
			continue
		}
		if err := n.removeSubscription(ctx, tx, r.ID); err != nil {
			return false, err
		}
		changed = true
	}
	return changed, nil
}

// knownSubscription is what is stored of a webhook.
type knownSubscription struct {
	row    subscriptionRow
	extras extras
	found  bool
}

// syncOne stores one configured webhook over what is known of it.
func (n *Notify) syncOne(ctx context.Context, tx *store.Tx, s notify.Subscription, known knownSubscription) (changed bool, err error) {
	s.Managed = true
	s.Failures, s.AutoDisabledAt = 0, nil
	sameURL := known.found && n.leadsTo(known.row, s.URL)
	if sameURL && known.row.AutoDisabledAt == nil {
		s.Failures = known.row.Failures // the breaker goes on counting
	}
	row, err := n.row(s)
	if err != nil {
		return false, err
	}
	x, err := newExtras(s)
	if err != nil {
		return false, err
	}
	if sameURL && row.same(known.row) && x.same(known.extras) {
		return false, nil
	}
	return true, n.put(ctx, tx, row, x)
}

// leadsTo compares addresses behind their seals, which differ each time. One
// that was sealed with another key leads nowhere.
func (n *Notify) leadsTo(r subscriptionRow, url string) bool {
	plain, err := n.sealer.Open(r.SealedURL)
	return err == nil && string(plain) == url
}

// same compares what a configuration says besides the address.
func (r subscriptionRow) same(o subscriptionRow) bool {
	return bytes.Equal(r.SealedSecret, o.SealedSecret) && r.Topics == o.Topics && r.Format == o.Format &&
		r.MinSeverity == o.MinSeverity && r.AllowPrivate == o.AllowPrivate && r.Managed == o.Managed && r.Enabled == o.Enabled
}

func (n *Notify) removeSubscription(ctx context.Context, tx *store.Tx, id string) error {
	if _, err := tx.NewDelete().Model(&subscriptionRow{ID: id}).WherePK().Exec(ctx); err != nil {
		return err
	}
	if err := dropExtras(ctx, tx, id); err != nil {
		return err
	}
	return n.buryWhere(ctx, tx, id, "the webhook was removed", "1 = 1")
}
