package app

import (
	"context"
	"fmt"
	"os"

	"go.cordon.dev/cordon/internal/egress/dlp"
	"go.cordon.dev/cordon/internal/egress/own"
)

// inspector is who looks for secrets in what is sent, as long as the policy wants
// that.
func (n *node) inspector(e *egressSensor) (func() *dlp.Inspector, error) {
	scanner, err := n.rules.Scanner(context.Background())
	if err != nil {
		return nil, fmt.Errorf("looking at what leaves: %w", err)
	}
	known, err := own.Open(own.Options{
		Environ: os.Environ(), AllEnv: e.cfg.Own.AllEnv(), Names: e.cfg.Own.Names, Files: e.cfg.Own.Files, Scanner: scanner, Log: n.log,
	})
	if err != nil {
		return nil, fmt.Errorf("egress.own_secrets: %w", err)
	}
	if err := n.add("egress-own-secrets", known.Run); err != nil {
		return nil, err
	}
	i, err := dlp.New(dlp.Options{Scanner: scanner, Own: known, Fingerprint: n.keys.Ring.Fingerprint})
	if err != nil {
		return nil, err
	}
	return func() *dlp.Inspector {
		if e.policies.ScansLeaks() {
			return i
		}
		return nil
	}, nil
}
