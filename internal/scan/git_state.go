package scan

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
)

// State remembers which commits were scanned, so that the next run reads only
// what is new. It holds ids, nothing of the content.
type State struct {
	Version      int                        `json:"version"`
	Repositories map[string]RepositoryState `json:"repositories"`
}

// RepositoryState is what is done of one repository: everything that Tips
// reach, under the rules that Rules is a hash of.
type RepositoryState struct {
	Rules string   `json:"rules"`
	Tips  []string `json:"tips"`
}

const (
	stateVersion = 1
	maxState     = 64 << 20 // bytes
)

// ReadState reads a state; of a file that is not there, an empty one.
func ReadState(file string) (*State, error) {
	s := &State{Version: stateVersion, Repositories: map[string]RepositoryState{}}
	data, err := readWhole(file, maxState)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading state: %w", err)
	}
	if err := json.Unmarshal(data, s); err != nil {
		return nil, fmt.Errorf("reading state %s: %w", file, err)
	}
	if s.Version != stateVersion || s.Repositories == nil {
		return nil, fmt.Errorf("reading state %s: version %d is not %d", file, s.Version, stateVersion)
	}
	return s, nil
}

// Write replaces the file.
func (s *State) Write(file string) error {
	return WriteFile(file, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(s)
	})
}

// Done are the commits that are done with and still there; none when other
// rules were in force.
func (s *State) Done(ctx context.Context, r *Repository, rules string) []string {
	old := s.Repositories[r.key(ctx)]
	if old.Rules != rules {
		return nil
	}
	out, err := r.output(ctx, strings.NewReader(strings.Join(old.Tips, "\n")), "rev-list", "--no-walk", "--ignore-missing", "--stdin")
	if err != nil || len(old.Tips) == 0 {
		return nil
	}
	return strings.Fields(string(out))
}

// Note records that everything these tips reach is done.
func (s *State) Note(ctx context.Context, r *Repository, rules string, tips []string) {
	s.Repositories[r.key(ctx)] = RepositoryState{rules, tips}
}

// key is the repository's own folder, which its work trees share.
func (r *Repository) key(ctx context.Context) string {
	out, err := r.output(ctx, nil, "rev-parse", "--git-common-dir")
	dir := strings.TrimRight(string(out), "\r\n")
	if err != nil || dir == "" {
		dir = r.dir
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(r.dir, dir)
	}
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	return filepath.ToSlash(dir)
}

// Digest is a hash of what the rules look for: with others, commits that are
// done have to be read again.
func (r *Rules) Digest() string {
	h := sha256.New()
	for _, rule := range r.list {
		fmt.Fprintf(h, "%q %q %v %v %q\n", rule.ID, rule.Regex, rule.Active, rule.Entropy, rule.Validator)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
