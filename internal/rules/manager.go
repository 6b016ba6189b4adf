package rules

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/follow"
)

// Config is what the configuration says of rules.
type Config struct {
	Files   []string // rule files of any format that detect.ImportRules reads
	Disable []string // ids of rules that are not run, whatever operators say
}

// Deps is what a Manager works with.
type Deps struct {
	Store  Store       // Mandatory.
	Node   string      // Mandatory. The source named in events: node/service.
	Config Config      // The zero value: the builtin pack alone.
	Clock  clock.Clock // If nil, the machine's.
	// Builtin reads the rules that come with the program. If nil,
	// detect.BuiltinRules.
	Builtin func() ([]detect.Rule, error)
	Log     *slog.Logger // If nil, discards.
	// Wake subscribes to changes that other nodes made: the channel receives
	// after some, the function ends the subscription. If nil, Run polls only.
	Wake func() (<-chan struct{}, func())
}

// Manager has the rules in force and changes them. It reads and compiles them
// when they are first asked for. It is safe for concurrent use.
type Manager struct {
	deps    Deps
	builtin func() ([]base, error)

	changing sync.Mutex // held while the state is replaced
	config   Config     // of the state
	files    []base     // read from config.Files
	state    atomic.Pointer[catalog]
	scanner  atomic.Pointer[detect.Scanner]
}

// New checks d and returns a Manager that has read nothing yet.
func New(d Deps) (*Manager, error) {
	if d.Store == nil || d.Node == "" {
		return nil, errors.New("making the rules' manager: Store and Node are mandatory")
	}
	if d.Clock == nil {
		d.Clock = clock.Real{}
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Builtin == nil {
		d.Builtin = detect.BuiltinRules
	}
	return &Manager{deps: d, builtin: sync.OnceValues(d.builtinBases)}, nil
}

func (d Deps) builtinBases() ([]base, error) {
	rules, err := d.Builtin()
	if err != nil {
		return nil, fmt.Errorf("reading builtin rules: %w", err)
	}
	out := make([]base, len(rules))
	for i, r := range rules {
		out[i] = base{rule: r, origin: Builtin}
	}
	return out, nil
}

// Scanner returns the scanner that always has the rules in force.
func (m *Manager) Scanner(ctx context.Context) (*detect.Scanner, error) {
	if _, err := m.current(ctx); err != nil {
		return nil, err
	}
	return m.scanner.Load(), nil
}

// current returns the state, which is read when there is none yet.
func (m *Manager) current(ctx context.Context) (*catalog, error) {
	if c := m.state.Load(); c != nil {
		return c, nil
	}
	if err := m.Configure(ctx, m.deps.Config); err != nil {
		return nil, err
	}
	return m.state.Load(), nil
}

// Configure reads the rule files of a configuration, and the stored rules, and
// puts both in force. When anything is wrong the error names file, line and
// reason, and everything stays as it was.
func (m *Manager) Configure(ctx context.Context, conf Config) error {
	m.changing.Lock()
	defer m.changing.Unlock()
	next, files, err := m.prepare(ctx, conf)
	if err != nil {
		return err
	}
	m.config, m.files = conf, files
	m.use(next)
	return nil
}

// Check says why Configure would fail, and changes nothing.
func (m *Manager) Check(ctx context.Context, conf Config) error {
	_, _, err := m.prepare(ctx, conf)
	return err
}

func (m *Manager) prepare(ctx context.Context, conf Config) (*catalog, []base, error) {
	files, err := readFiles(conf.Files, m.deps.Log)
	if err != nil {
		return nil, nil, fmt.Errorf("leak.rules.files: %w", err)
	}
	rows, err := m.deps.Store.Rules(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("reading stored rules: %w", err)
	}
	next, err := m.build(files, byID(rows), conf.Disable)
	if err != nil {
		return nil, nil, err
	}
	if len(next.unknown) > 0 {
		return nil, nil, fmt.Errorf("leak.rules.disable: there is no rule %q; cordon rules list shows all", next.unknown[0])
	}
	return next, files, nil
}

// Reload reads the rule files and the stored rules anew, with the configuration
// as it is.
func (m *Manager) Reload(ctx context.Context) error {
	m.changing.Lock()
	conf := m.config
	if m.state.Load() == nil {
		conf = m.deps.Config
	}
	m.changing.Unlock()
	return m.Configure(ctx, conf)
}

func (m *Manager) build(files []base, rows map[string]Row, disable []string) (*catalog, error) {
	builtin, err := m.builtin()
	if err != nil {
		return nil, err
	}
	return build(overlay(builtin, files), rows, disable)
}

// use puts a state in force.
func (m *Manager) use(c *catalog) {
	if s := m.scanner.Load(); s != nil {
		s.Swap(c.set)
	} else {
		m.scanner.Store(detect.NewScanner(c.set))
	}
	m.state.Store(c)
	for _, r := range c.rules {
		if r.Problem != "" {
			m.deps.Log.Error("rule not as it is stored", "rule", r.ID, "problem", r.Problem)
		}
	}
}

// newest is the state after what other nodes stored. The caller holds changing.
func (m *Manager) newest(ctx context.Context) (*catalog, error) {
	rows, err := m.deps.Store.Rules(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading stored rules: %w", err)
	}
	now := byID(rows)
	if c := m.state.Load(); same(c.rows, now) {
		return c, nil
	}
	next, err := m.build(m.files, now, m.config.Disable)
	if err != nil {
		return nil, err
	}
	m.use(next)
	m.deps.Log.Info("rules changed", "event", "rules_changed", "rules", len(next.rules))
	return next, nil
}

// How often stored rules are looked at when nobody says that they changed, and
// how long a look may take.
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
		Log: m.deps.Log, Fails: "following changed rules; the old ones stay in force", Works: "changed rules are followed again",
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
