package capture

import (
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/deception/service"
)

// live is a session that goes on, as far as this process has seen it.
type live struct {
	Session
	screen  screen
	kept    bool     // something of it is on record
	secrets []string // that were tried last and are hidden in what follows
}

func newLive(o service.Observation, node string) *live {
	return &live{Session: Session{
		ID: o.Session, Node: node, Decky: o.Decky, Service: o.Service, AttackerIP: o.Client.Addr().Unmap().WithZone("").String(),
		AttackerPort: o.Client.Port(), Local: o.Local.String(), StartedAt: o.At, SeenAt: o.At,
	}}
}

// observe takes an observation in. What it says is redacted already: the summary
// and the principal.
func (s *live) observe(o service.Observation, summary, principal string) {
	s.SeenAt, s.Observations = o.At, s.Observations+1
	s.Interacted = s.Interacted || o.Type.Interaction()
	switch o.Type {
	case service.ClientHello:
		if s.Banner == "" {
			s.Banner = summary
		}
	case service.LoginAttempt:
		s.attempt(o.Credential, principal)
	case service.LoggedIn:
		s.LoggedIn = true
	case service.Command, service.Query, service.Request:
		s.Commands++
	case service.Disconnected:
		s.end(o.At, summary, o.Dropped)
	}
	if o.Artifact != nil {
		s.Artifacts++
	}
}

func (s *live) attempt(c *service.Credential, principal string) {
	s.Attempts++
	if c == nil {
		return
	}
	if c.Accepted || !s.LoggedIn {
		s.Principal = principal
	}
	s.LoggedIn = s.LoggedIn || c.Accepted
	if c.Kind == service.Plaintext {
		s.remember(string(c.Secret[:min(len(c.Secret), service.MaxField)]), c.Principal)
	}
}

func (s *live) end(at time.Time, why string, dropped uint64) {
	s.EndedAt, s.EndReason, s.Dropped = &at, why, s.Dropped+dropped
}

// leaveOut takes in what is not kept: it counts, and says nothing of itself.
func (s *live) leaveOut(o service.Observation) {
	s.observe(o, s.Banner, s.Principal)
	s.Observations, s.Dropped = s.Observations-1, s.Dropped+1
}

// What is hidden in the summaries of a session: this many of the secrets that were
// tried, of this length at least. A shorter one stands in every second word.
const (
	rememberedSecrets = 8
	minRemembered     = 6
)

// remember hides a secret in what follows. One that is the user's name, too, is
// known anyway.
func (s *live) remember(secret, principal string) {
	if len(secret) < minRemembered || secret == principal {
		return
	}
	if len(s.secrets) == rememberedSecrets {
		s.secrets = s.secrets[1:]
	}
	s.secrets = append(s.secrets, secret)
}

// mask hides what was tried as a password.
func (s *live) mask(text string) string {
	for _, secret := range s.secrets {
		text = strings.ReplaceAll(text, secret, hidden)
	}
	return text
}
