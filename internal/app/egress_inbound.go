package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"go.cordon.dev/cordon/internal/config"
	"go.cordon.dev/cordon/internal/egress"
)

// leastToken is how many bytes a token of the configuration has.
const leastToken = 16

// openInbound takes the addresses of the doors for WebSockets and registers their
// workers.
func (n *node) openInbound(e *egressSensor) error {
	var errs []error
	for i, d := range e.cfg.Inbound {
		if err := n.openDoor(e, i, d); err != nil {
			errs = append(errs, fmt.Errorf("egress.inbound[%d]: %w", i, err))
		}
	}
	return errors.Join(errs...)
}

func (n *node) openDoor(e *egressSensor, number int, d config.EgressInbound) error {
	to, err := netip.ParseAddrPort(d.To)
	if err != nil {
		return err
	}
	in := egress.Inbound{Admitter: e.policies, To: to}
	for _, t := range d.Tokens {
		token, err := inboundToken(t)
		if err != nil {
			return fmt.Errorf("the token of %s: %w", t.Subject, err)
		}
		in.Tokens = append(in.Tokens, token)
	}
	l, err := net.Listen("tcp", d.Listen)
	if err != nil {
		return err
	}
	address := l.Addr().String()
	return n.add(fmt.Sprintf("egress-inbound-%d", number), func(ctx context.Context) (err error) {
		if l == nil { // a worker that starts again
			if l, err = net.Listen("tcp", address); err != nil {
				return err
			}
		}
		taken := l
		l = nil
		return e.gateway.ServeInbound(ctx, taken, in)
	})
}

// inboundToken reads a token, or its hash.
func inboundToken(t config.EgressToken) (egress.Token, error) {
	secret, err := t.Token.Resolve()
	if err != nil {
		return egress.Token{}, err
	}
	out := egress.Token{Subject: t.Subject}
	if text, ok := strings.CutPrefix(secret.Reveal(), "sha256:"); ok {
		hash, err := hex.DecodeString(text)
		if err != nil || len(hash) != len(out.Hash) {
			return egress.Token{}, errors.New("what follows sha256: is not 64 digits of hex")
		}
		copy(out.Hash[:], hash)
		return out, nil
	}
	if len(secret.Reveal()) < leastToken {
		return egress.Token{}, fmt.Errorf("it is shorter than %d bytes", leastToken)
	}
	out.Hash = sha256.Sum256([]byte(secret.Reveal()))
	return out, nil
}
