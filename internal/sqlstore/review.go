package sqlstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/leak"
	"go.cordon.dev/cordon/internal/store"
)

const falsePositive = "false_positive"

// ReviewQuarantine implements api.QuarantineStore.
func (a *API) ReviewQuarantine(ctx context.Context, id string, r leak.Review, by audit.Entry, source string) (leak.Quarantine, error) {
	if err := checkAction(r.Action); err != nil {
		return leak.Quarantine{}, err
	}
	var now quarantineRow
	err := a.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		before, err := quarantineByID(ctx, tx, id)
		if err != nil {
			return err
		}
		now = before
		now.review(r)
		return storeReview(ctx, tx, before, now, by, source)
	})
	if errors.Is(err, leak.ErrNotFound) {
		return leak.Quarantine{}, err
	}
	if err != nil {
		return leak.Quarantine{}, fmt.Errorf("reviewing quarantine entry %q: %w", id, err)
	}
	return now.value(), nil
}

func checkAction(action string) error {
	switch action {
	case falsePositive, "confirmed", "uncertain":
		return nil
	}
	return fmt.Errorf("review action %q is not one of false_positive, confirmed, uncertain", action)
}

func (r *quarantineRow) review(v leak.Review) {
	at := stamp(v.At)
	r.Reviewed, r.ReviewTimestamp = true, &at
	r.ReviewAction, r.ReviewReason, r.Reviewer = optional(v.Action), text(v.Reason), optional(v.Reviewer)
}

func storeReview(ctx context.Context, tx *store.Tx, before, now quarantineRow, by audit.Entry, source string) error {
	_, err := tx.NewUpdate().Model(&now).WherePK().
		Column("reviewed", "review_action", "review_reason", "reviewer", "review_timestamp").Exec(ctx)
	if err != nil {
		return err
	}
	if err := recount(ctx, tx, before, now); err != nil {
		return err
	}
	if err := followReview(ctx, tx, *now.ReviewTimestamp, now); err != nil {
		return err
	}
	if by.Before, by.After, err = reviewStory(before, now); err != nil {
		return err
	}
	if err := appendAudit(ctx, tx, by); err != nil {
		return err
	}
	return emitReview(tx, now, source)
}

// recount moves the entry between the counters.
func recount(ctx context.Context, tx *store.Tx, before, now quarantineRow) error {
	if !before.Reviewed {
		if err := addCount(ctx, tx, now.Severity, false, -1); err != nil {
			return err
		}
		if err := addCount(ctx, tx, now.Severity, true, 1); err != nil {
			return err
		}
	}
	return countFalsePositive(ctx, tx, now.Timestamp, now.falsePositives()-before.falsePositives())
}

func (r quarantineRow) falsePositives() int {
	if valueOr(r.ReviewAction, "") == falsePositive {
		return 1
	}
	return 0
}

// judgement is what the audit log says of an entry before and after a review.
type judgement struct {
	Reviewed bool   `json:"reviewed"`
	Action   string `json:"review_action,omitempty"`
	Reason   string `json:"review_reason,omitempty"`
	Reviewer string `json:"reviewer,omitempty"`
}

func reviewStory(before, now quarantineRow) (b, n json.RawMessage, err error) {
	if b, err = json.Marshal(before.judgement()); err != nil {
		return nil, nil, err
	}
	n, err = json.Marshal(now.judgement())
	return b, n, err
}

func (r quarantineRow) judgement() judgement {
	return judgement{r.Reviewed, valueOr(r.ReviewAction, ""), r.ReviewReason, valueOr(r.Reviewer, "")}
}

func emitReview(tx *store.Tx, r quarantineRow, source string) error {
	e, err := event.New(event.Header{
		Time: *r.ReviewTimestamp, Source: source, Severity: event.Info, Subject: r.ID, CorrelationID: r.CorrelationID,
	}, event.QuarantineReviewed{
		QuarantineID: r.ID, Fingerprint: r.Fingerprint, Rule: r.Rule,
		Action: valueOr(r.ReviewAction, ""), Reviewer: valueOr(r.Reviewer, ""), Reason: r.ReviewReason,
	})
	if err != nil {
		return err
	}
	return tx.Emit(e)
}
