// Package gateway puts the parts of bzzz-gateway together and runs them. Nodes
// of a gossip network connect through its two listeners; what holds a secret, or
// is on the server's list, does not pass.
//
// The parts: settings (what the operator wants), judge (may it pass), window
// (secrets in pieces), withheld (the server's list), report (spool, server,
// file), relay (the network). It is a module of its own, at a newer libp2p than
// the nodes have, and imports the main module's public libraries only.
package gateway

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"github.com/libp2p/go-libp2p/core/crypto"

	"go.cordon.dev/cordon/bzzz/bound"
	"go.cordon.dev/cordon/bzzz/gateway/judge"
	"go.cordon.dev/cordon/bzzz/gateway/relay"
	"go.cordon.dev/cordon/bzzz/gateway/report"
	"go.cordon.dev/cordon/bzzz/gateway/settings"
	"go.cordon.dev/cordon/bzzz/gateway/window"
	"go.cordon.dev/cordon/bzzz/gateway/withheld"
	"go.cordon.dev/cordon/bzzz/inspect"
	"go.cordon.dev/cordon/detect/fingerprint"
)

// Deps are what a gateway gets from its program.
type Deps struct {
	Settings settings.Settings   // Mandatory, checked.
	Getenv   func(string) string // Mandatory.
	Log      *slog.Logger        // Mandatory.
	Version  string
	Ready    func([]report.Listener) // Called when both sides listen. If nil, nobody is told.
	Watch    func(judge.Message)     // Called with every message within its decision. If nil, nothing is.
}

// Run relays until ctx ends, and then stops: first nothing passes any more, then
// what was withheld is put on disk and, if the server answers, sent.
func Run(ctx context.Context, d Deps) error {
	s := d.Settings
	list, err := withheld.Open(filepath.Join(s.Data, "withheld.jsonl"), 0)
	if err != nil {
		return err
	}
	j, err := newJudge(d, list)
	if err != nil {
		return err
	}
	identity, err := identityAt(filepath.Join(s.Data, "identity.key"))
	if err != nil {
		return err
	}
	reporter, server, spool, err := newReporter(d)
	if err != nil {
		return err
	}
	defer reporter.Close() // last: what the relay withheld to its end is reported
	r, err := relay.Start(relay.Options{
		Name: s.Name, Version: d.Version, ListenA: s.ListenA, ListenB: s.ListenB, Identity: identity, Topics: s.Topics,
		Follow: s.Follows(), MaxTopics: s.MaxTopics, MaxPeers: s.MaxPeers, MaxMessage: s.MaxMessage, Queue: s.Queue,
	}, relay.Deps{Decide: j.decide, NameMay: j.nameMay, Withheld: reporter.Withheld, Bypass: reporter.Bypass, Log: d.Log})
	if err != nil {
		return err
	}
	announce(d, r)
	serve(ctx, d, r, list, server, func(state string) report.State {
		out := r.State(state)
		out.Dropped += reporter.Dropped() + list.Dropped()
		out.Queue = reporter.Queue()
		if spool != nil {
			out.Spooled = spool.Len()
		}
		return out
	})
	return nil
}

// serve talks with the server until ctx ends, and closes the relay.
func serve(ctx context.Context, d Deps, r *relay.Relay, list *withheld.List, server *report.Server, state func(string) report.State) {
	var talks sync.WaitGroup
	if server != nil {
		talks.Go(func() { report.Follow(ctx, server, list, d.Log) })
		talks.Go(func() { report.States(ctx, server, d.Settings.Name, d.Log, state) })
	}
	<-ctx.Done()
	talks.Wait()
	r.Close()
	end := state("stopping")
	d.Log.Info("stopped", "relayed", end.Relayed, "withheld", end.Withheld, "not_scanned", end.NotScanned, "dropped", end.Dropped)
}

func announce(d Deps, r *relay.Relay) {
	for _, l := range r.Listeners() {
		d.Log.Info("listening", "side", l.Side, "address", l.Addresses[0])
	}
	d.Log.Info("relaying", "topics", len(d.Settings.Topics), "follow_topics", d.Settings.Follows(), "notices", r.NoticeTopic())
	if d.Ready != nil {
		d.Ready(r.Listeners())
	}
}

// decider is the judge as the relay sees it.
type decider struct {
	judge     *judge.Judge
	inspector *inspect.Inspector
}

func (d decider) decide(ctx context.Context, m judge.Message) judge.Verdict {
	return d.judge.Decide(ctx, m)
}

func (d decider) nameMay(topic string) bool { return d.inspector.Inspect([]byte(topic)).Clean() }

const maxScans = 256 // that run at once; more withhold

func newJudge(d Deps, list *withheld.List) (decider, error) {
	in, err := inspect.New(inspect.Options{MinConfidence: d.Settings.MinConfidence, MaxBytes: d.Settings.MaxMessage})
	if err != nil {
		return decider{}, err
	}
	deps := judge.Deps{
		Inspector: in, List: list, Window: window.New(window.Limits{}),
		Runner: bound.NewRunner(d.Settings.Timeout(), maxScans), Watch: d.Watch,
	}
	if deps.Key, deps.Replaced, deps.Installed, err = keys(d); err != nil {
		return decider{}, err
	}
	j, err := judge.New(deps)
	return decider{j, in}, err
}

// keys reads the installation key. Without one, a random key makes fingerprints
// that join nothing.
func keys(d Deps) (key *fingerprint.Key, replaced []*fingerprint.Key, installed bool, err error) {
	if d.Settings.FingerprintKey == "" {
		d.Log.Warn("NO fingerprint_key: of what the server quarantined, only message ids are withheld here, and what is withheld here joins nothing there; give it the server's installation key")
		key, err = fingerprint.Random()
		return key, nil, false, err
	}
	if key, err = settings.ReadKey(d.Settings.FingerprintKey, d.Getenv); err != nil {
		return nil, nil, false, fmt.Errorf("fingerprint_key: %w", err)
	}
	for _, reference := range d.Settings.ReplacedKeys {
		old, err := settings.ReadKey(reference, d.Getenv)
		if err != nil {
			return nil, nil, false, fmt.Errorf("replaced_keys: %w", err)
		}
		replaced = append(replaced, old)
	}
	return key, replaced, true, nil
}

// newReporter reports to a file, or to a server through a spool.
func newReporter(d Deps) (*report.Reporter, *report.Server, *report.Spool, error) {
	s := d.Settings
	if !s.ToServer() {
		r, err := report.ToFile(s.Events, d.Log)
		return r, nil, nil, err
	}
	server, err := report.NewServer(s.Events, s.Key)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("events: %w", err)
	}
	spool, err := report.OpenSpool(filepath.Join(s.Data, "spool"), s.SpoolMegabytes<<20)
	if err != nil {
		return nil, nil, nil, err
	}
	return report.ToServer(server, spool, s.Name, d.Log), server, spool, nil
}

// identityAt reads the gateway's key, or makes one: by it nodes know the gateway
// again after a restart.
func identityAt(name string) (crypto.PrivKey, error) {
	b, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return newIdentity(name)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the gateway's key: %w", err)
	}
	k, err := crypto.UnmarshalPrivateKey(b)
	if err != nil {
		return nil, fmt.Errorf("%s holds no key; move it away and the gateway makes another", name)
	}
	return k, nil
}

func newIdentity(name string) (crypto.PrivKey, error) {
	k, _, err := crypto.GenerateEd25519Key(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making the gateway's key: %w", err)
	}
	b, err := crypto.MarshalPrivateKey(k)
	if err != nil {
		return nil, fmt.Errorf("making the gateway's key: %w", err)
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("keeping the gateway's key: %w", err)
	}
	_, err = f.Write(b)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, fmt.Errorf("keeping the gateway's key: %w", err)
	}
	return k, nil
}
