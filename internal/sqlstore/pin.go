package sqlstore

import (
	"context"
	"encoding/json"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/redact"
	"go.cordon.dev/cordon/internal/store"
)

// ActionRotateKey is what the audit log calls the change of the installation
// key.
const ActionRotateKey = "config.rotate_key"

// PinKey ties the database to the current key of a ring (store.PinKey). When
// that replaced the one it was tied to, the audit log says so, in the same
// transaction and in the name of by.
func (a *Audit) PinKey(ctx context.Context, ring *redact.Keyring, by audit.Entry) error {
	by.Action, by.Target = ActionRotateKey, ring.KeyID()
	moved := func(ctx context.Context, tx *store.Tx, from string) (err error) {
		if by.Before, err = keyFact(from); err != nil {
			return err
		}
		if by.After, err = keyFact(ring.KeyID()); err != nil {
			return err
		}
		return appendAudit(ctx, tx, by)
	}
	return a.store.MoveKey(ctx, moved, ring.KeyID(), ring.Check(), ring.Replaced()...)
}

func keyFact(id string) (json.RawMessage, error) {
	return json.Marshal(map[string]string{"key_id": id})
}
