package app

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/sqlstore"
)

// newNotary makes who signs and verifies the audit log. All nodes of an
// installation sign with one key, because it comes from the installation key.
func (n *node) newNotary() error {
	key, replaced := n.keys.Ring.Derive(audit.Purpose)
	signer, err := audit.NewSigner(key, replaced...)
	if err != nil {
		return fmt.Errorf("opening the audit log: %w", err)
	}
	n.notary = audit.NewNotary(audit.NotaryDeps{Log: sqlstore.NewAudit(n.store), Signer: signer, Out: n.log})
	return nil
}

// startNotary registers the workers that sign, and that record refused logins.
func (n *node) startNotary(context.Context) (stopFunc, error) {
	if err := n.add("audit", n.notary.Run); err != nil {
		return nil, err
	}
	return nil, n.add("logins", n.users.Run)
}

// mark returns what stands in the audit log for a name that is no user's. It
// is keyed, so that nobody without the installation key can try guesses.
func (n *node) mark() func(name string) string {
	key, _ := n.keys.Ring.Derive("login names")
	return func(name string) string {
		h := hmac.New(sha256.New, []byte(key.Reveal()))
		h.Write([]byte(name))
		return hex.EncodeToString(h.Sum(nil)[:4])
	}
}

// auditCheck says whether the audit log is what was signed.
func (n *node) auditCheck() api.Check {
	c := api.Check{Name: "audit log", Kind: "audit", Status: ok}
	if err := n.notary.Broken(); err != nil {
		c.Status, c.Detail = failing, err.Error()
	}
	return c
}
