// Package planted knows the secrets that deckies hold: in the files of the machine that
// a client finds behind a login, and in what an operator has configured. Nobody else has
// them, so whoever shows one elsewhere was on the decky. They are found by the rules
// that look for secrets everywhere, so that they are known by the very fingerprints by
// which they would be seen again; the secrets themselves are not kept.
//
// What a decky is to hold is added where its files are made (shell/world); here it is
// then known by itself, if a rule finds it.
//
// Level 2: it may import L0, L1, detect and the deception sensor.
package planted

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"time"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception"
	"go.cordon.dev/cordon/internal/deception/persona"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
	"go.cordon.dev/cordon/internal/deception/shell/world"
)

// Secret is one that a decky holds.
type Secret struct {
	Fingerprint string
	Decky       string
	Place       string // for people: "/etc/ssh/ssh_host_rsa_key of decky web-1"
}

// Store remembers them, also of deckies that are gone: what was taken stays taken.
type Store interface {
	Plant(ctx context.Context, node string, all []Secret) error
}

// Fleet has deckies; *deception.Fleet does.
type Fleet interface {
	Each(visit func(deception.Spec, *persona.Persona))
}

// Deps are what a Register needs.
type Deps struct {
	Fleet       Fleet                      // Mandatory.
	Store       Store                      // Mandatory.
	Scanner     *detect.Scanner            // Mandatory. Knows the formats of secrets.
	Fingerprint func(secret []byte) string // Mandatory.
	Node        string                     // Mandatory.
	Clock       clock.Clock                // If nil, the machine's.
	Log         *slog.Logger               // Mandatory.
}

// Register finds what deckies hold and has it remembered.
type Register struct {
	deps  Deps
	known []deception.Spec // deckies that were looked through
}

// lookEvery is how often new deckies are looked for. minLength is the length from which
// a secret is nobody else's by chance, in bytes; mostBytes bounds a file that is looked
// into, mostSecrets what one decky has.
const (
	lookEvery   = 10 * time.Second
	minLength   = 16
	mostBytes   = 256 << 10
	mostSecrets = 256
)

// New makes a Register. The error says what is missing.
func New(d Deps) (*Register, error) {
	if d.Fleet == nil || d.Store == nil || d.Scanner == nil || d.Fingerprint == nil || d.Node == "" || d.Log == nil {
		return nil, errors.New("planted: Fleet, Store, Scanner, Fingerprint, Node and Log must be given")
	}
	if d.Clock == nil {
		d.Clock = clock.Real{}
	}
	return &Register{deps: d}, nil
}

// Run keeps what is remembered up to date until ctx ends.
func (r *Register) Run(ctx context.Context) error {
	for {
		if err := r.look(ctx); err != nil && ctx.Err() == nil {
			r.deps.Log.Warn("noting which secrets deckies hold", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-r.deps.Clock.After(lookEvery):
		}
	}
}

// look goes through deckies that are new or were changed.
func (r *Register) look(ctx context.Context) error {
	var now []deception.Spec
	var who []*persona.Persona
	r.deps.Fleet.Each(func(s deception.Spec, p *persona.Persona) { now, who = append(now, s), append(who, p) })
	var done []deception.Spec
	found, fresh := 0, 0
	for i, s := range now {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !slices.ContainsFunc(r.known, func(k deception.Spec) bool { return reflect.DeepEqual(k, s) }) {
			n, err := r.plant(ctx, s, who[i])
			if err != nil {
				r.known = append(done, r.known...)
				return fmt.Errorf("decky %s: %w", s.Name, err)
			}
			found, fresh = found+n, fresh+1
		}
		done = append(done, s)
	}
	r.known = done
	if fresh > 0 {
		r.deps.Log.Info("secrets that deckies hold are recognised from now on", "deckies", fresh, "secrets", found)
	}
	return nil
}

func (r *Register) plant(ctx context.Context, s deception.Spec, p *persona.Persona) (found int, err error) {
	all, err := r.Of(s, p)
	if err != nil || len(all) == 0 {
		return 0, err
	}
	return len(all), r.deps.Store.Plant(ctx, r.deps.Node, all)
}

// Of are the secrets that a decky holds.
func (r *Register) Of(s deception.Spec, p *persona.Persona) (all []Secret, err error) {
	seen := map[string]bool{}
	scan := func(place string, text []byte) {
		r.deps.Scanner.Scan(text[:min(len(text), mostBytes)], func(f detect.Finding) bool {
			if value := f.Secret.Reveal(); len(value) >= minLength && f.Confidence >= detect.DefaultMinConfidence {
				if print := r.deps.Fingerprint(value); !seen[print] {
					seen[print] = true
					all = append(all, Secret{print, s.Name, place + " of decky " + s.Name})
				}
			}
			f.Secret.Wipe()
			return len(all) < mostSecrets
		})
	}
	for _, v := range s.Services {
		text, err := json.Marshal(v.Config)
		if err != nil {
			return nil, fmt.Errorf("reading the configuration of %s: %w", v.Kind, err)
		}
		scan("configuration of "+v.Kind, text)
	}
	if hasMachine(s) {
		r.tree(p).Each(scan)
		world.HostKeys(p, scan)
	}
	return all, nil
}

// tree is the decky's machine, made for the moment: that of the attackers is made when
// the first of them comes, and most deckies wait for long.
func (r *Register) tree(p *persona.Persona) *vfs.Tree { return world.Tree(p, r.deps.Clock.Now) }

// hasMachine reports whether clients get to see files.
func hasMachine(s deception.Spec) bool {
	return slices.ContainsFunc(s.Services, func(v deception.ServiceSpec) bool {
		return slices.Contains([]string{"ssh", "telnet", "ftp"}, v.Kind)
	})
}
