package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/config"
	"go.cordon.dev/cordon/internal/notify"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/telemetry"
)

// systemActor is the kind of actor in the audit log that is no person.
const systemActor = "system"

// reloadWait bounds how long a reload waits for the sources it ends.
const reloadWait = 5 * time.Second

// reloader is what reading the configuration again needs. One reload runs at a
// time.
type reloader struct {
	load func() (*config.Config, error) // nil: there is no file to read again
	file string

	mu  sync.Mutex
	now *config.Config // in force, but for the keys that need a restart
}

// liveKeys are the keys, or their sections, that a reload puts into force. All
// others are read at the start only.
func liveKeys() []string {
	return []string{"log.level", "leak", "notify", "deception.deckies", keyMutate, keyAnomalyRules, keyPlaybooks}
}

// keyMutate says how often deckies mutate.
const keyMutate = "deception.mutate_interval"

func live(key string) bool {
	return slices.ContainsFunc(liveKeys(), func(l string) bool { return key == l || strings.HasPrefix(key, l+".") })
}

// change is a new configuration that was checked as a whole and can be put into
// force.
type change struct {
	was, will *config.Config
	sources   sourceChange
	hooks     []notify.Webhook
	documents documentChange
	result    api.Reloaded
}

// reloads is what the API reloads with; nothing where no server runs.
func (n *node) reloads() api.Reloader {
	if n.workers == nil {
		return nil
	}
	return n
}

// Reload implements api.Reloader.
func (n *node) Reload(ctx context.Context, by audit.Entry) (api.Reloaded, error) {
	r := &n.reloader
	if r.load == nil {
		return api.Reloaded{}, &api.ConfigError{Why: "this server was started without a configuration file; start it with --config FILE"}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	c, err := n.prepare(ctx)
	if err != nil {
		n.log.Error("configuration not reloaded; the old one stays in force", "file", r.file, "error", err)
		return api.Reloaded{}, &api.ConfigError{Why: err.Error()}
	}
	if err := n.recordReload(ctx, by, c); err != nil {
		return api.Reloaded{}, err
	}
	if r.now, err = n.apply(ctx, c); err != nil {
		return api.Reloaded{}, err
	}
	n.log.Info("configuration reloaded", "file", r.file, "changed", c.result.Changed, "needs_restart", c.result.NeedsRestart)
	for _, w := range c.result.Warnings {
		n.log.Warn(w)
	}
	return c.result, nil
}

// prepare reads the file and checks everything that can be wrong with it,
// before anything is changed.
func (n *node) prepare(ctx context.Context) (*change, error) {
	will, err := n.reloader.load()
	if err != nil {
		return nil, err
	}
	c := &change{was: n.reloader.now, will: will}
	if c.hooks, err = webhooks(will.Notify); err != nil {
		return nil, err
	}
	if err := notify.Check(c.hooks, formats()); err != nil {
		return nil, err
	}
	if err := n.rules.Check(ctx, rulesOf(will.Leak)); err != nil {
		return nil, err
	}
	if c.sources, err = n.changeOfSources(c.was.Leak, will.Leak); err != nil {
		return nil, err
	}
	if err := n.checkDeckies(will.Deception); err != nil {
		return nil, err
	}
	if c.documents, err = n.changeOfDocuments(will); err != nil {
		return nil, err
	}
	c.result = describe(c, n.deception != nil && will.Deception != nil)
	n.describeDocuments(c)
	return c, nil
}

// describe says what a change changes. The sensor of deckies starts and ends with
// the node; its deckies come and go only while it runs.
func describe(c *change, deckies bool) api.Reloaded {
	out := api.Reloaded{Changed: []string{}, NeedsRestart: []string{}, Warnings: c.will.Warnings}
	for _, key := range config.Differences(c.was, c.will) {
		switch {
		case !live(key), (key == "deception.deckies" || key == keyMutate) && !deckies:
			out.NeedsRestart = append(out.NeedsRestart, key)
		case key == keyAnomalyRules, key == keyPlaybooks: // see describeDocuments
		case key == "leak.sources":
			out.Changed = append(out.Changed, c.sources.words()...)
		default:
			out.Changed = append(out.Changed, key)
		}
	}
	return out
}

// recordReload stores who reloads, and what it changes. That nobody changed
// anything is no action: the file was looked at again.
func (n *node) recordReload(ctx context.Context, by audit.Entry, c *change) error {
	if by.Actor.Kind == systemActor && len(c.result.Changed) == 0 {
		return nil
	}
	after, err := json.Marshal(map[string][]string{"changed": c.result.Changed, "needs_restart": c.result.NeedsRestart})
	if err != nil {
		return fmt.Errorf("describing the reload: %w", err)
	}
	by.Target, by.After = n.reloader.file, after
	return sqlstore.NewOperations(n.store).Record(ctx, by)
}

// apply puts a checked change into force and returns what is in force then. The
// webhooks come first: they may fail as a whole, and then nothing has changed.
func (n *node) apply(ctx context.Context, c *change) (*config.Config, error) {
	if err := n.notifier.Sync(ctx, c.hooks); err != nil {
		return c.was, fmt.Errorf("changing webhooks: %w", err)
	}
	rulesErr := n.rules.Configure(ctx, rulesOf(c.will.Leak)) // checked before; what holds stays when the store fails now
	hung, err := n.applySources(ctx, c.sources)
	return c.inForce(hung), errors.Join(rulesErr, err, n.applyDocuments(ctx, c.documents), n.applyDeckies(c.will.Deception), telemetry.SetLevel(n.level, c.will.Log.Level))
}

// inForce is the new configuration, in which the sources that did not end are
// as they were.
func (c *change) inForce(hung []string) *config.Config {
	if len(hung) == 0 {
		return c.will
	}
	now := *c.will
	now.Leak = &config.Leak{Policy: c.was.Leak.Policy}
	if c.will.Leak != nil {
		now.Leak.Rules = c.will.Leak.Rules
	}
	for _, s := range sourcesOf(c.will.Leak) {
		if !slices.Contains(hung, s.ID) {
			now.Leak.Sources = append(now.Leak.Sources, s)
		}
	}
	for _, id := range hung {
		s, _ := findSource(sourcesOf(c.was.Leak), id)
		now.Leak.Sources = append(now.Leak.Sources, s)
	}
	return &now
}
