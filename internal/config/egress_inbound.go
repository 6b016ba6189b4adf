package config

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// EgressInbound is a door in front of a program that serves WebSockets.
type EgressInbound struct {
	Listen string        `yaml:"listen" jsonschema:"required,description=Address as HOST:PORT that others connect to."`
	To     string        `yaml:"to" jsonschema:"required,description=Address as ADDRESS:PORT of the program\\, on this machine or in a private network."`
	Tokens []EgressToken `yaml:"tokens,omitempty" jsonschema:"description=Those who are known\\, where the policy says require_authentication."`
}

// EgressToken is how somebody is known.
type EgressToken struct {
	Subject string `yaml:"subject" jsonschema:"required,description=Who has the token\\, for the record and for the program."`
	Token   Secret `yaml:"token" jsonschema:"required,description=file: or env: of the token\\, or of sha256: and its hash in hex."`
}

const maxSubject = 64

func (d EgressInbound) check() error {
	var errs []error
	if err := checkAddress(d.Listen); err != nil {
		errs = append(errs, fmt.Errorf("listen: %w", err))
	}
	if to, err := netip.ParseAddrPort(d.To); err != nil || to.Port() == 0 {
		errs = append(errs, fmt.Errorf("to: %q is not ADDRESS:PORT of a program, such as 127.0.0.1:9000", d.To))
	} else if a := to.Addr().Unmap(); !a.IsLoopback() && !a.IsPrivate() {
		errs = append(errs, fmt.Errorf("to: %s is neither this machine nor in a private network", a))
	}
	seen := map[string]bool{}
	for i, t := range d.Tokens {
		if err := t.check(); err != nil {
			errs = append(errs, fmt.Errorf("tokens[%d].%w", i, err))
		}
		if seen[t.Subject] {
			errs = append(errs, fmt.Errorf("tokens[%d].subject: %q is there twice", i, t.Subject))
		}
		seen[t.Subject] = true
	}
	return errors.Join(errs...)
}

func (t EgressToken) check() error {
	bad := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._@-", r))
	}
	switch {
	case t.Subject == "" || len(t.Subject) > maxSubject || strings.ContainsFunc(t.Subject, bad):
		return fmt.Errorf("subject: use 1 to %d letters, digits and . _ @ -", maxSubject)
	case t.Token.IsZero() || t.Token.Inline():
		return errors.New("token: give it as file:PATH or env:NAME, not inline")
	}
	return nil
}

// checkInbound checks the doors of the egress section.
func (e *Egress) checkInbound() error {
	var errs []error
	for i, d := range e.Inbound {
		if err := d.check(); err != nil {
			errs = append(errs, fmt.Errorf("egress.inbound[%d].%w", i, err))
		}
	}
	return errors.Join(errs...)
}
