package policies

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// Half a policy is often a valid one: a list of rules that ends earlier, or one
// whose denials are not there yet. Whatever somebody does to the file meanwhile,
// one of the documents that were whole is in force, never a piece of one.
func TestWhatIsHalfWrittenIsNeverInForce(t *testing.T) {
	const (
		one = "mode: strict\ndefault_policy: allow\nglobal: {network_enabled: true}\ndenylist: {rules: [{host: bad.example}]}\n# one, and so much text that it is the longer one\n"
		two = "mode: strict\ndefault_policy: allow\nglobal: {network_enabled: true}\ndenylist:\n  rules:\n    - {host: other.example}\n    - {host: bad.example}\n"
	)
	for what, replace := range map[string]func(r *rig, document string, look func()) error{
		"written in place, piece by piece": (*rig).writeInPieces,
		"a link that is turned":            (*rig).turnLink,
		"a file that is renamed onto it":   (*rig).renameOnto,
		"taken away and put back":          (*rig).putBack,
	} {
		t.Run(what, func(t *testing.T) {
			r := newRig(t, one)
			before := lookAt(r.file)
			looks := func() { // one round of Run
				now := lookAt(r.file)
				r.follow(t.Context(), before.same(now), now)
				before = now
				if d := r.Decide(policy.Request{Host: "bad.example", Port: 443, Time: r.clock.Now()}); d.Allowed() {
					t.Fatalf("a piece of a policy is in force: %+v, version %+v", d, r.version)
				}
			}
			for i, document := range []string{two, one, two, one} {
				if err := replace(r, document, looks); err != nil {
					t.Fatal(err)
				}
				looks()
				looks()
				if v, err := r.Current(); err != nil || v.Document != document || v.Number != int64(i+2) || r.Problem() != nil {
					t.Errorf("at rest %+v is in force, %v, problem %v", v, err, r.Problem())
				}
			}
		})
	}
}

// writeInPieces writes as an editor does that truncates; the file changes with
// every piece.
func (r *rig) writeInPieces(document string, look func()) error {
	f, err := os.Create(r.file)
	if err != nil {
		return err
	}
	for i := range len(document) {
		if _, err := f.WriteString(document[i : i+1]); err != nil {
			return err
		}
		look()
	}
	return f.Close()
}

func (r *rig) turnLink(document string, look func()) error {
	real := filepath.Join(r.t.TempDir(), "policy.yaml")
	err := errors.Join(os.WriteFile(real, []byte(document[:len(document)/2]), 0o600), os.Symlink(real, r.file+".new"))
	look()
	return errors.Join(err, os.WriteFile(real, []byte(document), 0o600), os.Rename(r.file+".new", r.file))
}

func (r *rig) renameOnto(document string, look func()) error {
	err := os.WriteFile(r.file+".new", []byte(document), 0o600)
	look()
	return errors.Join(err, os.Rename(r.file+".new", r.file))
}

func (r *rig) putBack(document string, look func()) error {
	err := os.Remove(r.file)
	look()
	look()
	return errors.Join(err, r.renameOnto(document, look))
}
