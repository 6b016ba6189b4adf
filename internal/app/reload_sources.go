package app

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"go.cordon.dev/cordon/internal/config"
	"go.cordon.dev/cordon/internal/leak"
	"go.cordon.dev/cordon/internal/supervise"
)

// sourceChange is how one list of sources becomes another.
type sourceChange struct {
	gone, changed, added []string        // ids
	end                  []string        // those whose workers end
	begin                []config.Source // those whose workers begin
	policy               leak.Policy
}

// changeOfSources compares two sections, and tries to make every source that
// is to begin.
func (n *node) changeOfSources(was, will *config.Leak) (sourceChange, error) {
	before, after := sourcesOf(was), sourcesOf(will)
	c := sourceChange{policy: policyOf(will)}
	again := !reflect.DeepEqual(policyOf(was), c.policy)
	for _, s := range before {
		now, stays := findSource(after, s.ID)
		same := stays && reflect.DeepEqual(s, now)
		switch {
		case !stays:
			c.gone = append(c.gone, s.ID)
		case !same:
			c.changed = append(c.changed, s.ID)
		}
		if !same || again {
			c.end = append(c.end, s.ID)
		}
	}
	for i, s := range after {
		was, known := findSource(before, s.ID)
		if !known {
			c.added = append(c.added, s.ID)
		}
		if known && !again && reflect.DeepEqual(was, s) {
			continue
		}
		if _, err := n.newSource(s); err != nil {
			return c, fmt.Errorf("leak.sources[%d] (%s): %w", i, s.ID, err)
		}
		c.begin = append(c.begin, s)
	}
	return c, nil
}

func sourcesOf(l *config.Leak) []config.Source {
	if l == nil {
		return nil
	}
	return l.Sources
}

func findSource(all []config.Source, id string) (config.Source, bool) {
	for _, s := range all {
		if s.ID == id {
			return s, true
		}
	}
	return config.Source{}, false
}

// words says what changes, for people.
func (c sourceChange) words() (out []string) {
	for _, list := range []struct {
		ids  []string
		what string
	}{{c.gone, "removed"}, {c.changed, "changed"}, {c.added, "added"}} {
		for _, id := range list.ids {
			out = append(out, fmt.Sprintf("leak.sources %s: %s", id, list.what))
		}
	}
	return out
}

// applySources ends and begins workers. A source whose worker does not end in
// time stays as it was, and so does the policy; the others change all the same.
// The error names those that stay.
func (n *node) applySources(ctx context.Context, c sourceChange) (hung []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, reloadWait)
	defer cancel()
	var errs []error
	for _, id := range c.end {
		if err := n.unwatch(ctx, id); err != nil {
			hung, errs = append(hung, id), append(errs, fmt.Errorf("source %s stays as it was: %w", id, err))
		}
	}
	if len(hung) == 0 {
		n.sensor.SetPolicy(c.policy)
	}
	for _, s := range c.begin {
		if slices.Contains(hung, s.ID) {
			continue
		}
		if err := n.watch(s); err != nil {
			errs = append(errs, fmt.Errorf("source %s: %w", s.ID, err))
		}
	}
	return hung, errors.Join(errs...)
}

// unwatch ends a source; its stored position stays.
func (n *node) unwatch(ctx context.Context, sourceID string) error {
	if err := n.workers.Remove(ctx, workerOf(sourceID), "a new configuration"); err != nil && !errors.Is(err, supervise.ErrUnknown) {
		return err
	}
	n.sensor.Remove(sourceID)
	return nil
}

// workerOf names the worker of a source.
func workerOf(sourceID string) string { return "leak-" + sourceID }
