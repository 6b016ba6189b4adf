package app

import (
	"context"
	"fmt"

	"go.cordon.dev/cordon/internal/config"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/leak"
	"go.cordon.dev/cordon/internal/rules"
	"go.cordon.dev/cordon/internal/sqlstore"
)

// openRules makes the manager of the rules, which reads and compiles them when
// they are first asked for: most commands never ask.
func (n *node) openRules(context.Context) (_ stopFunc, err error) {
	n.rules, err = rules.New(rules.Deps{
		Store: sqlstore.NewRules(n.store), Node: n.name + "/rules", Config: rulesOf(n.cfg.Leak), Log: n.log, Wake: n.wakesOf("rule.*.approved"),
	})
	return nil, err
}

// startRules puts the rules in force and follows what other nodes change.
func (n *node) startRules(ctx context.Context) (stopFunc, error) {
	if _, err := n.openRules(ctx); err != nil {
		return nil, err
	}
	if _, err := n.rules.Scanner(ctx); err != nil {
		return nil, err
	}
	return nil, n.add("rules", n.rules.Run)
}

func rulesOf(c *config.Leak) rules.Config {
	if c == nil {
		return rules.Config{}
	}
	return rules.Config{Files: c.Rules.Files, Disable: c.Rules.Disable}
}

// wakesOf subscribes to rules that some node changed, by the topics that tell of them.
func (n *node) wakesOf(topics string) func() (<-chan struct{}, func()) {
	return func() (<-chan struct{}, func()) {
		c := make(chan struct{}, 1)
		sub, err := n.bus.Subscribe(topics, func(event.Event) {
			select {
			case c <- struct{}{}:
			default:
			}
		})
		if err != nil {
			n.log.Warn("listening for changed rules; they are looked at every 30 seconds only", "topics", topics, "error", err)
			return nil, func() {}
		}
		return c, sub.Unsubscribe
	}
}

// words returns what takes the secrets out of what people write. Without rules
// nothing is kept.
func (n *node) words() func(text string) string {
	return func(text string) string {
		if text == "" {
			return ""
		}
		s, err := n.rules.Scanner(context.Background())
		if err != nil {
			n.log.Error("what a person wrote is not kept, because the rules cannot be read", "error", fmt.Errorf("words: %w", err))
			return ""
		}
		return leak.Words(s, text)
	}
}
