package planted_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/internal/deception"
	"go.cordon.dev/cordon/internal/deception/persona"
	"go.cordon.dev/cordon/internal/deception/planted"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/servicetest"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
	"go.cordon.dev/cordon/internal/deception/shell/world"
	"go.cordon.dev/cordon/internal/redact"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// field of deckies that changes, and a store that may fail.
type field struct {
	mu    sync.Mutex
	specs []deception.Spec
	of    map[string]*persona.Persona
	kept  map[string]planted.Secret
	asked int
	err   error
}

func (f *field) Each(visit func(deception.Spec, *persona.Persona)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range f.specs {
		visit(s, f.of[s.Name])
	}
}

func (f *field) Plant(_ context.Context, node string, all []planted.Secret) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	if f.err != nil || node != "n1" {
		return f.err
	}
	for _, s := range all {
		f.kept[s.Fingerprint] = s
	}
	return nil
}

func (f *field) set(err error, specs ...deception.Spec) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.specs, f.err = specs, err
}

func (f *field) counts() (kept, asked int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.kept), f.asked
}

func decky(name, kind string, config service.Config) deception.Spec {
	return deception.Spec{Name: name, Archetype: "web-server", Address: "127.0.0.1", Services: []deception.ServiceSpec{{Kind: kind, Config: config}}}
}

func newRegister(t *testing.T) (*planted.Register, *field, *redact.Keyring) {
	t.Helper()
	f := &field{of: map[string]*persona.Persona{}, kept: map[string]planted.Secret{}}
	for _, name := range []string{"web-1", "web-2", "trap"} {
		f.of[name] = servicetest.Persona(t, name, "web-server")
	}
	ring, err := redact.NewKeyring(bytes.Repeat([]byte{1}, redact.KeySize))
	must(t, err)
	rules, err := detect.BuiltinRules()
	must(t, err)
	set, err := detect.Compile(rules, detect.Options{})
	must(t, err)
	r, err := planted.New(planted.Deps{Fleet: f, Store: f, Scanner: detect.NewScanner(set), Fingerprint: ring.Fingerprint, Node: "n1", Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	return r, f, ring
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// What an attacker reads on a decky and shows elsewhere is known there: the private keys
// of its SSH server, by the fingerprint of what a rule finds of them.
func TestTheFilesOfADeckyHoldSecrets(t *testing.T) {
	r, f, ring := newRegister(t)
	all, err := r.Of(decky("web-1", "ssh", nil), f.of["web-1"])
	must(t, err)
	at := map[string]string{}
	for _, s := range all {
		at[s.Place] = s.Fingerprint
		if s.Decky != "web-1" {
			t.Errorf("%+v", s)
		}
	}
	root := vfs.New(world.Tree(f.of["web-1"], time.Now), time.Now, vfs.Limits{}).As(vfs.Cred{})
	for _, kind := range []string{"rsa", "ecdsa", "ed25519"} {
		name := "/etc/ssh/ssh_host_" + kind + "_key"
		content, err := root.ReadFile(name)
		must(t, err)
		if print := at[name+" of decky web-1"]; print != ring.Fingerprint(bytes.TrimSpace(content)) {
			t.Errorf("%s is not known by what it holds: %q", name, print)
		}
	}
	other, err := r.Of(decky("web-2", "ssh", nil), f.of["web-2"])
	must(t, err)
	for _, s := range other {
		for _, mine := range all {
			if s.Fingerprint == mine.Fingerprint {
				t.Errorf("two deckies hold the same secret: %s and %s", s.Place, mine.Place)
			}
		}
	}
	if none, err := r.Of(decky("web-1", "redis", nil), f.of["web-1"]); err != nil || len(none) != 0 {
		t.Errorf("nobody sees the files of %+v, %v", none, err)
	}
}

// An operator may plant a secret, too: what the configuration of a decky holds is its.
func TestWhatAnOperatorPlantsIsKnown(t *testing.T) {
	r, f, ring := newRegister(t)
	key := fmt.Sprint("AK", "IA", "Q3EGRVWXYZ2T4MKB")
	all, err := r.Of(decky("trap", "redis", service.Config{"accept": map[string]any{"passwords": []string{"123456", key}}}), f.of["trap"])
	must(t, err)
	if len(all) != 1 || all[0] != (planted.Secret{Fingerprint: ring.Fingerprint([]byte(key)), Decky: "trap", Place: "configuration of redis of decky trap"}) {
		t.Errorf("%+v", all)
	}
}

// Each decky is looked through once, one that changes again, and a store that is away
// is asked again.
func TestRegisterFollowsTheFleet(t *testing.T) {
	r, f, _ := newRegister(t)
	synctest.Test(t, func(t *testing.T) {
		f.set(errors.New("away"), decky("web-1", "ssh", nil))
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- r.Run(ctx) }()
		synctest.Wait()
		if kept, asked := f.counts(); kept != 0 || asked != 1 {
			t.Errorf("%d kept, asked %d times while the store is away", kept, asked)
		}
		f.set(nil, decky("web-1", "ssh", nil))
		time.Sleep(time.Minute)
		synctest.Wait()
		kept, asked := f.counts()
		if kept == 0 || asked != 2 {
			t.Errorf("%d kept, asked %d times", kept, asked)
		}
		f.set(nil, decky("web-1", "ssh", nil), decky("web-2", "telnet", nil))
		time.Sleep(time.Minute)
		synctest.Wait()
		if more, asked := f.counts(); more <= kept || asked != 3 {
			t.Errorf("%d kept, asked %d times with a second decky", more, asked)
		}
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestRegisterNeedsItsParts(t *testing.T) {
	if _, err := planted.New(planted.Deps{}); err == nil {
		t.Error("a register without parts")
	}
}
