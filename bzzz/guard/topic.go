package guard

import (
	"context"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
)

// Topic is a topic of pubsub whose Publish scans first. Everything else is as
// pubsub has it.
type Topic struct {
	*pubsub.Topic
	settings *settings
}

// Wrap returns the topic with a scanner (mandatory) in front of Publish.
func Wrap(t *pubsub.Topic, scanner Scanner, all ...Setting) *Topic {
	return &Topic{Topic: t, settings: newSettings(scanner, all)}
}

// Publish publishes data unless the scanner forbids it; then the error is a
// *BlockedError, and nothing was signed or sent.
func (t *Topic) Publish(ctx context.Context, data []byte, opts ...pubsub.PubOpt) error {
	v := t.settings.ask(ctx, data)
	if !v.blocked() {
		return t.Topic.Publish(ctx, data, opts...)
	}
	err := &BlockedError{Rule: v.rule, MessageID: newName(), Cause: v.cause}
	t.settings.blocked(Blocked{Rule: v.rule, From: t.settings.self, Via: t.settings.self, Topic: t.String(), Error: err})
	return err
}
