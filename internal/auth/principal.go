package auth

import (
	"context"
	"encoding/json"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/id"
)

// Kind says what sort of thing acts.
type Kind string

// The kinds of principals. KindLocal is whoever may open the control socket or
// the data directory: the operating system has already decided.
const (
	KindUser  Kind = "user"
	KindKey   Kind = "api_key"
	KindLocal Kind = "local"
)

// The actions this package writes into the audit log.
const (
	ActionLogin       = "user.login"
	ActionLoginFailed = "user.login_failed"
	ActionLogout      = "user.logout"
	ActionSessionEnd  = "user.end_session"
	ActionUserCreate  = "user.create"
	ActionUserChange  = "user.change"
	ActionUserDelete  = "user.delete"
	ActionPasswordSet = "user.set_password"
	ActionKeyCreate   = "api_key.create"
	ActionKeyRevoke   = "api_key.revoke"
)

// Principal is who makes a request.
type Principal struct {
	Kind   Kind
	Name   string // of the user, the key, or the operating system's account
	Role   Role
	Scopes Scopes // of a key; empty: all that the role may do
	Addr   string // IP address of the peer; empty on the control socket
}

// Label names the principal without confusion between a user and a key of one
// name: ada, api-key:ci, local:root. A user's name never holds a colon.
func (p Principal) Label() string {
	switch p.Kind {
	case KindUser:
		return p.Name
	case KindKey:
		return "api-key:" + p.Name
	}
	return string(p.Kind) + ":" + p.Name
}

// Actor is the principal as the audit log names it.
func (p Principal) Actor() audit.Actor {
	return audit.Actor{Kind: string(p.Kind), Name: p.Name, Role: string(p.Role), Addr: p.Addr}
}

// Act begins the audit entry of something the principal does now.
func (p Principal) Act(now time.Time, action, target, reason string) audit.Entry {
	return audit.Entry{ID: id.New(), Time: now.UTC().Truncate(time.Microsecond), Actor: p.Actor(), Action: action, Target: target, Reason: reason}
}

type principalKey struct{}

// WithPrincipal says in the context who acts. The application calls it for
// requests from the control socket and from within the process.
func WithPrincipal(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

// PrincipalFrom returns who acts; ok is false for the anonymous.
func PrincipalFrom(ctx context.Context) (p Principal, ok bool) {
	p, ok = ctx.Value(principalKey{}).(Principal)
	return p, ok
}

// facts renders what the audit log keeps of an object before or after a
// change; never a secret.
func facts(v map[string]any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil { // strings, times and nil: cannot fail
		return nil
	}
	return b
}
