package rulebook

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.cordon.dev/cordon/internal/anomaly/rule"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/follow"
)

// Deps is what a Manager works with.
type Deps struct {
	Store Store  // Mandatory.
	Past  Past   // Mandatory.
	Node  string // Mandatory. The source named in events: node/service.
	// Files reads the rules of the configuration's files, when they are first asked for.
	// If nil, there are none.
	Files func() ([]Filed, error)
	// Use puts the rules in force that are to run. If nil, nothing runs them here.
	Use func(running []*rule.Rule) error
	// Clean takes the secrets out of a text. If nil, texts are kept as they are written.
	Clean func(text string) string
	Most  Most         // What a try looks at.
	Clock clock.Clock  // If nil, the machine's.
	Log   *slog.Logger // If nil, discards.
	// Wake subscribes to changes that other nodes made: the channel receives after some,
	// the function ends the subscription. If nil, Run polls only.
	Wake func() (<-chan struct{}, func())
}

// Manager has the rules and changes them. It reads them when they are first asked for. It
// is safe for concurrent use.
type Manager struct {
	deps    Deps
	trying  chan struct{} // has room for as many as may try at a time
	refused atomic.Pointer[string]

	changing sync.Mutex // held while the state is replaced
	state    atomic.Pointer[book]
	used     []*rule.Rule // in force; guarded by changing
}

// tries is how many drafts are tried at a time.
const tries = 2

// New checks d and returns a Manager that has read nothing yet.
func New(d Deps) (*Manager, error) {
	if d.Store == nil || d.Past == nil || d.Node == "" {
		return nil, errors.New("making the book of anomaly rules: Store, Past and Node are mandatory")
	}
	if d.Clock == nil {
		d.Clock = clock.Real{}
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Files == nil {
		d.Files = func() ([]Filed, error) { return nil, nil }
	}
	if d.Use == nil {
		d.Use = func([]*rule.Rule) error { return nil }
	}
	if d.Clean == nil {
		d.Clean = func(text string) string { return text }
	}
	return &Manager{deps: d, trying: make(chan struct{}, tries)}, nil
}

// Start reads files and stored rules, and puts them in force.
func (m *Manager) Start(ctx context.Context) error {
	_, err := m.current(ctx)
	return err
}

// current returns the state, which is read when there is none yet.
func (m *Manager) current(ctx context.Context) (*book, error) {
	if b := m.state.Load(); b != nil {
		return b, nil
	}
	m.changing.Lock()
	defer m.changing.Unlock()
	if b := m.state.Load(); b != nil { // somebody was faster
		return b, nil
	}
	files, err := m.deps.Files()
	if err != nil {
		return nil, err
	}
	return m.read(ctx, files)
}

// SetFiles puts what the configuration's files hold now into force. They have been read:
// nothing is refused any more.
func (m *Manager) SetFiles(ctx context.Context, files []Filed) error {
	m.changing.Lock()
	defer m.changing.Unlock()
	_, err := m.read(ctx, files)
	return err
}

// Refuse notes why the files, as they are now, are not in force. An empty text: they are.
func (m *Manager) Refuse(why string) { m.refused.Store(&why) }

// Refused is why the files, as they are now, are not in force; empty: they are.
func (m *Manager) Refused() string {
	if why := m.refused.Load(); why != nil {
		return *why
	}
	return ""
}

// read makes the state of some files and what is stored. The caller holds changing.
func (m *Manager) read(ctx context.Context, files []Filed) (*book, error) {
	rows, err := m.rows(ctx)
	if err != nil {
		return nil, err
	}
	return m.use(bind(files, rows, m.state.Load()))
}

func (m *Manager) rows(ctx context.Context) (map[string]Row, error) {
	all, err := m.deps.Store.AnomalyRules(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading stored anomaly rules: %w", err)
	}
	rows := make(map[string]Row, len(all))
	for _, r := range all {
		rows[r.RuleID] = r
	}
	return rows, nil
}

// use puts a state in force. Rules that all stay are not touched. The caller holds
// changing.
func (m *Manager) use(b *book) (*book, error) {
	running := b.running()
	if m.state.Load() == nil || !slices.Equal(running, m.used) {
		if err := m.deps.Use(running); err != nil {
			return nil, fmt.Errorf("putting anomaly rules in force: %w", err)
		}
		m.used = running
	}
	m.state.Store(b)
	for _, e := range b.all {
		if e.Problem != "" && e.Enabled {
			m.deps.Log.Error("an anomaly rule does not run", "rule", e.ID, "problem", e.Problem)
		}
	}
	return b, nil
}

// newest is the state after what other nodes stored. The caller holds changing.
func (m *Manager) newest(ctx context.Context) (*book, error) {
	rows, err := m.rows(ctx)
	if err != nil {
		return nil, err
	}
	b := m.state.Load()
	if same(b.rows, rows) {
		return b, nil
	}
	return m.use(bind(b.files, rows, b))
}

// How often stored rules are looked at when nobody says that they changed, and how long a
// look may take.
const (
	pollEvery = 30 * time.Second
	lookFor   = 15 * time.Second
)

// Run follows what other nodes change, until ctx ends.
func (m *Manager) Run(ctx context.Context) error {
	var wake <-chan struct{}
	if m.deps.Wake != nil {
		var leave func()
		wake, leave = m.deps.Wake()
		defer leave()
	}
	return follow.Loop{
		Step:   func(ctx context.Context) (bool, error) { return false, m.Follow(ctx) },
		Within: lookFor, Wake: wake, Clock: m.deps.Clock, Poll: pollEvery, Again: pollEvery,
		Log: m.deps.Log, Fails: "following changed anomaly rules; the old ones stay in force", Works: "changed anomaly rules are followed again",
	}.Run(ctx)
}

// Follow puts in force what other nodes stored since the last look.
func (m *Manager) Follow(ctx context.Context) error {
	if _, err := m.current(ctx); err != nil {
		return err
	}
	m.changing.Lock()
	defer m.changing.Unlock()
	_, err := m.newest(ctx)
	return err
}
