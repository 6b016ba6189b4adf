package policies

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/id"
)

// Errors, matched with errors.Is.
var (
	// ErrNone says that there is no policy, or no such version.
	ErrNone = errors.New("there is no such policy")
	// ErrConflict says that somebody else changed the policy meanwhile.
	ErrConflict = errors.New("the policy was changed meanwhile; read it again")
)

// InvalidError says why a document is not taken.
type InvalidError struct{ Why error }

// Error implements error.
func (e *InvalidError) Error() string { return e.Why.Error() }

// Unwrap returns what policy.Parse said.
func (e *InvalidError) Unwrap() error { return e.Why }

// The origins of versions.
const (
	FromFile     = "file"
	FromAPI      = "api"
	FromRollback = "rollback"
)

// Version is a policy that was in force from Time on.
type Version struct {
	Number   int64 // from 1
	Document string
	Hash     string // SHA-256 of Document, hex
	Author   string
	Reason   string
	Origin   string // file, api, rollback
	Time     time.Time
}

// Deps is what a Manager needs.
type Deps struct {
	File  string       // Mandatory. The policy file; it need not be there.
	Store Store        // Mandatory.
	Node  string       // Mandatory. Whose versions these are.
	Clock clock.Clock  // If nil, the machine's.
	Log   *slog.Logger // If nil, discards.
	// Changed is called after another policy has come into force. If nil, nobody
	// is told.
	Changed func()
}

// Manager holds the policy in force. It is safe for concurrent use.
type Manager struct {
	d   Deps
	now atomic.Pointer[policy.Policy] // nil: there is none, everything is denied

	mu      sync.Mutex // one change at a time
	version Version    // of now; zero: none
	seen    look       // of the file, as it was last read
	refused *look      // of the file, as it was last found wrong; nil: it was not
	problem atomic.Pointer[error]
}

// Open reads the store and the file. A file that is wrong is no error: the last
// good version stays, see Problem.
func Open(ctx context.Context, d Deps) (*Manager, error) {
	if d.File == "" || d.Store == nil || d.Node == "" {
		return nil, errors.New("opening the egress policy: File, Store and Node are mandatory")
	}
	if d.Clock == nil {
		d.Clock = clock.Real{}
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	m := &Manager{d: d}
	if err := m.recall(ctx); err != nil {
		return nil, fmt.Errorf("opening the egress policy: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.note(m.importFile(ctx))
	return m, nil
}

// recall takes the last version into force.
func (m *Manager) recall(ctx context.Context) error {
	v, err := m.d.Store.LastPolicy(ctx, m.d.Node)
	if errors.Is(err, ErrNone) {
		return nil
	}
	if err != nil {
		return err
	}
	m.version = v
	p, err := policy.Parse([]byte(v.Document))
	if err != nil { // a newer Cordon wrote it, say
		m.note(fmt.Errorf("version %d cannot be read, so everything is denied: %w", v.Number, err))
		return nil
	}
	m.now.Store(p)
	return nil
}

// Decide implements the gateway's Judge.
func (m *Manager) Decide(r policy.Request) policy.Decision { return m.now.Load().Decide(r) }

// Admit answers a WebSocket from outside by the policy in force.
func (m *Manager) Admit(v policy.Visit) policy.Decision { return m.now.Load().Admit(v) }

// Policy is the one in force; nil when there is none.
func (m *Manager) Policy() *policy.Policy { return m.now.Load() }

// Strict reports whether what cannot be recorded must not pass. Without a
// policy nothing passes at all.
func (m *Manager) Strict() bool { return m.now.Load().Settings().Mode != policy.Audit }

// ScansLeaks reports whether what is sent is to be searched for secrets.
func (m *Manager) ScansLeaks() bool { return m.now.Load().Settings().ScanLeaks }

// Problem is why the file is not in force; nil when it is.
func (m *Manager) Problem() error {
	if p := m.problem.Load(); p != nil {
		return *p
	}
	return nil
}

// note remembers a problem, and says a new one once.
func (m *Manager) note(err error) {
	before := m.Problem()
	if err == nil {
		m.problem.Store(nil)
		return
	}
	m.problem.Store(&err)
	if before == nil || before.Error() != err.Error() {
		m.d.Log.Error("the egress policy file is not in force; the last good version is", "file", m.d.File, "error", err)
	}
}

// Current is the version in force; ErrNone when there is none.
func (m *Manager) Current() (Version, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.version.Number == 0 {
		return Version{}, ErrNone
	}
	return m.version, nil
}

// Version is one version; ErrNone when there is no such.
func (m *Manager) Version(ctx context.Context, number int64) (Version, error) {
	return m.d.Store.Policy(ctx, m.d.Node, number)
}

// Versions lists versions, newest first, without their documents.
func (m *Manager) Versions(ctx context.Context, before int64, limit int) ([]Version, error) {
	return m.d.Store.Policies(ctx, m.d.Node, before, limit)
}

// Decision is who changes the policy, and the version it rests on.
type Decision struct {
	By     audit.Entry // Mandatory. Its Action is egress.policy.change or such.
	Reason string
	IfHash string // If not empty, ErrConflict unless that is in force.
}

// Put brings a document into force. *InvalidError says what is wrong with it.
func (m *Manager) Put(ctx context.Context, document []byte, d Decision) (Version, error) {
	return m.change(ctx, FromAPI, d, func([]byte) ([]byte, error) { return document, nil })
}

// Edit changes the document in force, keeping its comments.
func (m *Manager) Edit(ctx context.Context, d Decision, changes ...policy.Change) (Version, error) {
	return m.change(ctx, FromAPI, d, func(was []byte) ([]byte, error) {
		if err := m.Problem(); err != nil {
			return nil, fmt.Errorf("the policy file %s is not in force, so there is nothing to change: %w", m.d.File, err)
		}
		return policy.Edit(was, changes...)
	})
}

// Rollback brings an earlier version into force again, as a new one.
func (m *Manager) Rollback(ctx context.Context, number int64, d Decision) (Version, error) {
	v, err := m.Version(ctx, number)
	if err != nil {
		return Version{}, err
	}
	return m.change(ctx, FromRollback, d, func([]byte) ([]byte, error) { return []byte(v.Document), nil })
}

func (m *Manager) change(ctx context.Context, origin string, d Decision, edit func(was []byte) ([]byte, error)) (Version, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if d.IfHash != "" && d.IfHash != m.version.Hash {
		return Version{}, ErrConflict
	}
	m.note(m.importFile(ctx)) // what was changed by hand becomes a version before it is replaced
	if d.IfHash != "" && d.IfHash != m.version.Hash {
		return Version{}, ErrConflict
	}
	document, err := edit([]byte(m.version.Document))
	if err != nil {
		return Version{}, &InvalidError{err}
	}
	p, err := check(document)
	if err != nil {
		return Version{}, &InvalidError{err}
	}
	if hash(document) == m.version.Hash {
		return m.version, m.mend()
	}
	if err := m.write(ctx, document, origin, d); err != nil {
		return Version{}, err
	}
	m.enforce(p)
	return m.version, nil
}

// mend writes the version in force over a file that is not.
func (m *Manager) mend() error {
	if m.Problem() == nil {
		return nil
	}
	if err := replaceFile(m.d.File, []byte(m.version.Document)); err != nil {
		return fmt.Errorf("writing the policy file: %w", err)
	}
	m.seen, m.refused = lookAt(m.d.File), nil
	m.note(nil)
	return nil
}

// write writes the file, then the store; when that fails, the file as it was.
func (m *Manager) write(ctx context.Context, document []byte, origin string, d Decision) error {
	was := m.version
	if err := replaceFile(m.d.File, document); err != nil {
		return fmt.Errorf("writing the policy file: %w", err)
	}
	if err := m.save(ctx, document, origin, d); err != nil {
		if was.Number > 0 {
			err = errors.Join(err, replaceFile(m.d.File, []byte(was.Document)))
		}
		return err
	}
	m.seen, m.refused = lookAt(m.d.File), nil
	m.note(nil)
	return nil
}

// save stores the next version.
func (m *Manager) save(ctx context.Context, document []byte, origin string, d Decision) error {
	v := Version{
		Number: m.version.Number + 1, Document: string(document), Hash: hash(document), Author: d.By.Actor.Name,
		Reason: d.Reason, Origin: origin, Time: m.d.Clock.Now().Truncate(time.Microsecond),
	}
	by := d.By
	by.Target, by.Reason = m.d.Node, d.Reason
	by.Before, by.After = brief(m.version), brief(v)
	if err := m.d.Store.SavePolicy(ctx, m.d.Node, v, by); err != nil {
		return fmt.Errorf("storing the egress policy: %w", err)
	}
	m.version = v
	return nil
}

// brief is a version in the audit log: its document is in the table.
func brief(v Version) []byte {
	if v.Number == 0 {
		return nil
	}
	return fmt.Appendf(nil, `{"version":%d,"hash":%q}`, v.Number, v.Hash)
}

func (m *Manager) enforce(p *policy.Policy) {
	m.now.Store(p)
	m.d.Log.Info("egress policy in force", "version", m.version.Number, "origin", m.version.Origin, "mode", p.Settings().Mode, "rules", len(p.Rules()))
	if m.d.Changed != nil {
		m.d.Changed()
	}
}

// Test runs the tests of a document. They say what its rules answer when they
// are enforced, so a policy that only watches is judged as if it were strict.
func Test(document []byte) ([]policy.TestResult, error) {
	p, err := policy.Parse(document)
	if err != nil {
		return nil, err
	}
	if p.Settings().Mode != policy.Audit {
		return p.Test(), nil
	}
	strict, err := policy.Edit(document, policy.SetMode(policy.Strict))
	if err != nil {
		return nil, err
	}
	if p, err = policy.Parse(strict); err != nil {
		return nil, err
	}
	return p.Test(), nil
}

// check parses a document and runs its tests.
func check(document []byte) (*policy.Policy, error) {
	p, err := policy.Parse(document)
	if err != nil {
		return nil, err
	}
	results, err := Test(document)
	failed := []error{err}
	for _, r := range results {
		if !r.Passed {
			failed = append(failed, fmt.Errorf("line %d: test %q: wants %s, got %s (%s)", r.Line, r.Name, r.Want, r.Got.Result, r.Got.Reason))
		}
	}
	return p, errors.Join(failed...)
}

func hash(document []byte) string {
	sum := sha256.Sum256(document)
	return hex.EncodeToString(sum[:])
}

// fileEntry is the audit entry of a file that was changed by hand.
func (m *Manager) fileEntry() audit.Entry {
	return audit.Entry{
		ID: id.New(), Time: m.d.Clock.Now(), Action: "egress.policy.import",
		Actor: audit.Actor{Kind: "system", Name: "policy file"},
	}
}
