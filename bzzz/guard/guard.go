// Package guard keeps secrets out of a libp2p pubsub network from inside a node.
//
//	inspector, err := inspect.New(inspect.Options{})
//	ps, err := pubsub.NewGossipSub(ctx, host, guard.Option(inspector, guard.Self(host.ID())))
//	topic, err := ps.Join("bzzz/coordination/v1")
//	err = guard.Wrap(topic, inspector).Publish(ctx, message) // *guard.BlockedError
//
// [Option] makes the node refuse its own messages with a secret and pass on
// nobody else's; [Wrap] tells whoever publishes why, before anything is signed.
// Use both: Option also sees what is published past the wrapper.
//
// A relayed message is ignored, never rejected: rejecting would punish the
// neighbour who passed it on in good faith. A scanner that errs, panics or takes
// too long withholds. So does a message with room for words beside its data
// (package form): only messages with author, number and signature pass, or with none
// of them, as pubsub writes them under StrictSign and StrictNoSign.
//
// The package needs libp2p 0.32 and pubsub 0.10 or newer. It may import those
// and nothing of Cordon's but bound, form and what it scans with, through [Scanner].
package guard

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"go.cordon.dev/cordon/bzzz/bound"
)

// Scanner says which rule forbids a message; none when it may pass. An error
// means that it is not known, and withholds. inspect.Inspector is one.
type Scanner interface {
	Scan(ctx context.Context, data []byte) (rule string, err error)
}

// Rules of messages that no detection rule forbids.
const (
	RuleNotScanned = "not-scanned" // the scanner erred or panicked
	RuleTimeout    = "scan-timeout"
	RuleBusy       = "scan-busy" // as many scans run as may
	// RuleForm: it has room for words beside its data, which nobody scans (package form).
	RuleForm = "message-form"
)

const (
	defaultTimeout    = 2 * time.Second
	defaultConcurrent = 256
)

// BlockedError says that a message was not published.
type BlockedError struct {
	// Rule is the id of the detection rule, or one of Rule....
	Rule string
	// MessageID is a name for this refusal, to find it again in the node's log;
	// the message was never given an id in the network. It says nothing of the
	// content.
	MessageID string
	// Cause is why the message could not be scanned; nil when it was. It does
	// not quote the message as long as the scanner's errors do not.
	Cause error
}

// Error implements error. It does not quote the message.
func (e *BlockedError) Error() string {
	text := fmt.Sprintf("message %s withheld by rule %s", e.MessageID, e.Rule)
	if e.Cause != nil {
		text += ": " + e.Cause.Error()
	}
	return text
}

// Unwrap returns Cause.
func (e *BlockedError) Unwrap() error { return e.Cause }

// verdict is what came of one scan; the zero value lets the message pass.
type verdict struct {
	rule  string
	cause error
}

func (v verdict) blocked() bool { return v.rule != "" }

// ask scans one message.
func (s *settings) ask(ctx context.Context, data []byte) verdict {
	v, err := bound.Run(ctx, s.runner, func(ctx context.Context) verdict { return s.scan(ctx, data) })
	switch {
	case errors.Is(err, bound.ErrTimeout):
		return verdict{RuleTimeout, err}
	case errors.Is(err, bound.ErrBusy):
		return verdict{RuleBusy, err}
	case err != nil:
		return verdict{RuleNotScanned, err}
	}
	return v
}

func (s *settings) scan(ctx context.Context, data []byte) verdict {
	rule, err := s.scanner.Scan(ctx, data)
	switch {
	case err != nil:
		return verdict{RuleNotScanned, err}
	case rule != "":
		return verdict{rule: rule}
	}
	return verdict{}
}

func newName() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	return hex.EncodeToString(b)
}
