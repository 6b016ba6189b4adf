package sqlstore

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/gossip"
	"go.cordon.dev/cordon/internal/leak"
	"go.cordon.dev/cordon/internal/store"
)

// mostFreed bounds how many other messages with the same secret one review looks at:
// those beyond stay withheld until one of their entries is reviewed.
const mostFreed = 1000

// withhold puts what new quarantine entries hold on the list: the secret, the message,
// and, of a message that did not spread, its id. A secret that was judged to be none
// stays free, and so does a message that holds no other.
func withhold(ctx context.Context, tx *store.Tx, now time.Time, fresh []quarantineRow) error {
	if len(fresh) == 0 {
		return nil
	}
	var ids []string
	for _, r := range fresh {
		ids = append(ids, withheldID(gossip.Fingerprint, r.Fingerprint), withheldID(gossip.ContentHash, r.FullContentHash), withheldID(gossip.MessageID, r.BzzzMessageID))
	}
	w, err := openWithholding(ctx, tx, now, ids)
	if err != nil {
		return err
	}
	for _, r := range fresh {
		w.follow(r)
	}
	return w.store(ctx)
}

func (w *withholding) follow(r quarantineRow) {
	v := gossip.Withheld{Kind: gossip.Fingerprint, Value: r.Fingerprint, Blocked: true, Origin: gossip.ByQuarantine, Reason: r.Rule + " in " + r.Source}
	if secret, known := w.row(v.Kind, v.Value); known && !secret.Blocked && secret.Origin != string(gossip.ByPlaybook) {
		return
	}
	w.set(v)
	v.Kind, v.Value = gossip.ContentHash, r.FullContentHash
	w.set(v)
	if id, gossiped := r.gossiped(); gossiped {
		w.judge(gossip.MessageID, id, true, v.Reason, "")
	}
}

// gossiped is the id of a message that a gateway kept back; that of another source's
// entry says nothing to a gateway.
func (r quarantineRow) gossiped() (id string, ok bool) {
	return r.BzzzMessageID, r.Disposition == string(leak.Withheld) && len(r.BzzzMessageID) <= gossip.MaxMessageID
}

// judge sets a value unless a person has spoken about it.
func (w *withholding) judge(k gossip.Kind, value string, blocked bool, reason, by string) {
	if before, known := w.row(k, value); known && before.Origin == string(gossip.ByPerson) {
		return
	}
	w.set(gossip.Withheld{Kind: k, Value: value, Blocked: blocked, Origin: gossip.ByQuarantine, Reason: reason, ChangedBy: by})
}

// followReview takes a secret that is none off the list, or puts it on again, with the
// messages that hold no other, or that hold it.
func followReview(ctx context.Context, tx *store.Tx, now time.Time, reviewed quarantineRow) error {
	messages, err := messagesWith(ctx, tx, reviewed)
	if err != nil {
		return err
	}
	secrets, err := secretsOf(ctx, tx, messages)
	if err != nil {
		return err
	}
	w, err := openWithholding(ctx, tx, now, idsOf(messages, secrets))
	if err != nil {
		return err
	}
	blocked, by := reviewed.falsePositives() == 0, valueOr(reviewed.Reviewer, "")
	reason := valueOr(reviewed.ReviewAction, "")
	if reviewed.ReviewReason != "" {
		reason += ": " + reviewed.ReviewReason
	}
	w.judge(gossip.Fingerprint, reviewed.Fingerprint, blocked, reason, by)
	held := w.held(secrets)
	for _, m := range messages {
		if m.FullContentHash == "" {
			continue // of an entry that a playbook made: the message is not known
		}
		w.judge(gossip.ContentHash, m.FullContentHash, held[m.FullContentHash], reason, by)
		if id, gossiped := m.gossiped(); gossiped {
			w.judge(gossip.MessageID, id, held[m.FullContentHash], reason, by)
		}
	}
	return w.store(ctx)
}

// held tells of each message whether it holds a secret that is withheld.
func (w *withholding) held(secrets []quarantineRow) map[string]bool {
	out := map[string]bool{}
	for _, s := range secrets {
		r, known := w.row(gossip.Fingerprint, s.Fingerprint)
		out[s.FullContentHash] = out[s.FullContentHash] || !known || r.Blocked
	}
	return out
}

// messagesWith are entries with the same secret, the reviewed one first.
func messagesWith(ctx context.Context, tx *store.Tx, reviewed quarantineRow) ([]quarantineRow, error) {
	rows := []quarantineRow{}
	err := tx.NewSelect().Model(&rows).Column("full_content_hash", "bzzz_message_id", "disposition").
		Where("fingerprint = ?", reviewed.Fingerprint).Where("id <> ?", reviewed.ID).Limit(mostFreed).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading what else holds the secret: %w", err)
	}
	return append([]quarantineRow{reviewed}, rows...), nil
}

// secretsOf are the secrets in messages, with the message.
func secretsOf(ctx context.Context, tx *store.Tx, messages []quarantineRow) ([]quarantineRow, error) {
	var hashes []string
	for _, m := range messages {
		if m.FullContentHash != "" {
			hashes = append(hashes, m.FullContentHash)
		}
	}
	if len(hashes) == 0 {
		return nil, nil
	}
	var rows []quarantineRow
	err := tx.NewSelect().Model(&rows).Column("full_content_hash", "fingerprint").Where("full_content_hash IN (?)", bun.In(hashes)).
		Group("full_content_hash", "fingerprint").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading what else messages hold: %w", err)
	}
	return rows, nil
}

func idsOf(messages, secrets []quarantineRow) (ids []string) {
	for _, m := range messages {
		ids = append(ids, withheldID(gossip.ContentHash, m.FullContentHash), withheldID(gossip.MessageID, m.BzzzMessageID))
	}
	for _, s := range secrets {
		ids = append(ids, withheldID(gossip.Fingerprint, s.Fingerprint))
	}
	return ids
}

// dropWithheld forgets what was put on the list before a time by quarantine entries
// that are gone, and by playbooks. What a person had withheld stays, and so does what gateways know.
func dropWithheld(ctx context.Context, tx *store.Tx, before time.Time) (int, error) {
	var ids []string
	err := tx.NewSelect().Model((*withheldRow)(nil)).Column("id").Where("origin <> ?", string(gossip.ByPerson)).Where("changed_at < ?", stamp(before)).
		Where("NOT EXISTS (SELECT 1 FROM quarantine q WHERE q.fingerprint = withheld_row.value)").
		Where("NOT EXISTS (SELECT 1 FROM quarantine q WHERE q.full_content_hash = withheld_row.value)").Limit(dropSize).Scan(ctx, &ids)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	_, err = tx.NewDelete().Model((*withheldRow)(nil)).Where("id IN (?)", bun.In(ids)).Exec(ctx)
	return len(ids), err
}
