package guard

import (
	"context"
	"time"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/peer"

	"go.cordon.dev/cordon/bzzz/bound"
	"go.cordon.dev/cordon/bzzz/form"
)

// Setting changes how a guard works.
type Setting func(*settings)

type settings struct {
	scanner    Scanner
	timeout    time.Duration
	concurrent int
	runner     *bound.Runner
	self       peer.ID
	blocked    func(Blocked)
	form       form.Checker
}

// Blocked is one message that was withheld. It never holds the message.
type Blocked struct {
	Rule  string
	From  peer.ID // who wrote it, as signed; empty when the topic has no authors
	Via   peer.ID // who sent it to this node; this node's own id when it published
	Topic string
	Error *BlockedError // of Publish; nil when the message came from others
}

// Self tells the guard this node's own id, so that its own messages are
// rejected rather than ignored. Without it Publish still fails, with pubsub's
// error for ignored messages.
func Self(id peer.ID) Setting { return func(s *settings) { s.self = id } }

// Timeout bounds a scan; a message whose scan takes longer is withheld. If it
// is not set, 2 s.
func Timeout(d time.Duration) Setting { return func(s *settings) { s.timeout = d } }

// Concurrent bounds how many scans run at once; a message beyond is withheld.
// If it is not set, 256.
func Concurrent(n int) Setting { return func(s *settings) { s.concurrent = n } }

// OnBlocked has f called for every message that is withheld. It must not block.
func OnBlocked(f func(Blocked)) Setting { return func(s *settings) { s.blocked = f } }

func newSettings(scanner Scanner, all []Setting) *settings {
	s := &settings{scanner: scanner, timeout: defaultTimeout, concurrent: defaultConcurrent, blocked: func(Blocked) {}}
	for _, set := range all {
		set(s)
	}
	s.runner = bound.NewRunner(s.timeout, s.concurrent)
	return s
}

// Option makes a node of pubsub ask the scanner (mandatory) about every message
// of every topic, its own and those it would pass on.
func Option(scanner Scanner, all ...Setting) pubsub.Option {
	s := newSettings(scanner, all)
	return pubsub.WithDefaultValidator(s.validate, pubsub.WithValidatorInline(true))
}

// look judges a message by its form, and then by its data.
func (s *settings) look(ctx context.Context, m *pubsub.Message) verdict {
	if !s.form.Holds(m.Message) {
		return verdict{rule: RuleForm}
	}
	return s.ask(ctx, m.GetData())
}

func (s *settings) validate(ctx context.Context, via peer.ID, m *pubsub.Message) pubsub.ValidationResult {
	v := s.look(ctx, m)
	if !v.blocked() {
		return pubsub.ValidationAccept
	}
	s.blocked(Blocked{Rule: v.rule, From: m.GetFrom(), Via: via, Topic: m.GetTopic()})
	if s.self != "" && via == s.self {
		return pubsub.ValidationReject
	}
	return pubsub.ValidationIgnore
}
