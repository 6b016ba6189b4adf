package shell

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/deception/shell/vfs"
	"mvdan.cc/sh/v3/syntax"
)

// shell is a running bash, or dash.
type shell struct {
	m     *Machine
	login *login
	user  User
	proc  *process // itself
	pid   int      // $$: that of the shell that this is a copy of
	ctx   context.Context
	path  string // of the file that is run

	name        string // $0
	script      string // the file that is read, "" for -c and input
	flagC       bool   // -c
	dash        bool   // sh: no bashisms, other words
	interactive bool
	loginShell  bool
	subshells   int

	scopes   []*scope
	funcs    map[string]*function
	aliases  map[string]string
	params   []string
	hashed   map[string]string
	options  options
	shopts   shopts
	gone     map[string]bool // dynamic variables that were unset
	held     int             // memory counted for it
	building int             // of that of the login: what words are built with; see build
	fds      fdTable
	dir      string
	dirs     []string // below dir on the stack
	mask     uint32
	traps    map[string]string
	pending  chan Signal

	status      int
	pipestatus  []int
	lastJob     int
	lastArg     string
	line        int
	shift       int    // lines before the text that is read
	command     string // $BASH_COMMAND
	began       time.Time
	seed        uint32
	lastRandom  int
	getopt      int // place inside a word of options
	jobs        []*job
	history     []string
	saved       int // entries of history that came from the file
	calls       []call
	depth       int
	loops       int
	quiet       int // > 0: errexit does not count
	jump        jump
	trapping    bool
	editor      *editor
	fromInput   bool
	noFiles     bool // its start files are not read
	disabled    map[string]bool
	limitsSet   map[byte]string
	testBad     bool // a regular expression could not be read
	trapMu      *sync.Mutex
	caught      map[string]string // traps, as signals see them
	source      string            // what is being read, for messages
	mathHead    string            // who evaluates, for messages
	running     syntax.Command    // the innermost, for messages
	substituted []int             // descriptors of <(…)
	expanding   map[string]bool   // aliases
	usedSub     bool              // a substitution ran: its status is that of an assignment
}

// function is a shell function.
type function struct {
	body     *syntax.Stmt
	source   string
	line     int
	shift    int
	export   bool
	readonly bool
}

// call is a function or a sourced file that is under way.
type call struct {
	name, source string
	line         int
	sourced      bool
	options      *options // to be restored, of local -
}

// jump says that control goes elsewhere.
type jump struct {
	kind  jumpKind
	count int // loops to leave
}

type jumpKind uint8

const (
	none jumpKind = iota
	breaks
	continues
	returns
	discards // the line that is being run
	exits
)

// errFault is a failure that was already reported.
var errFault = errors.New("reported")

// fault reports an error of the kind that makes bash give up the line.
func (sh *shell) fault(format string, args ...any) error {
	sh.errorf(format, args...)
	sh.status = 1
	if sh.dash {
		sh.status = 2
		sh.leave(2)
		return errFault
	}
	sh.jumpTo(discards)
	return errFault
}

// fatal reports an error that ends a shell that is not interactive.
func (sh *shell) fatal(format string, args ...any) error {
	sh.errorf(format, args...)
	status := 1
	switch {
	case sh.dash:
		status = 2
	case sh.flagC:
		status = 127
	}
	sh.status = 1
	if sh.interactive {
		sh.jumpTo(discards)
		return errFault
	}
	sh.leave(status)
	return errFault
}

func (sh *shell) jumpTo(k jumpKind) {
	if sh.jump.kind < k {
		sh.jump = jump{kind: k}
	}
}

// leave ends the shell.
func (sh *shell) leave(status int) {
	sh.status = status & 255
	sh.jumpTo(exits)
}

// exhausted is bash without memory: it ends.
func (sh *shell) exhausted(bytes int) error {
	fmt.Fprintf(sh.err(), "%s: xrealloc: cannot allocate %d bytes\n", sh.prefix(), bytes)
	sh.leave(2)
	return errFault
}

func (sh *shell) hold(bytes int) bool {
	if !sh.login.hold(bytes) {
		return false
	}
	sh.held += bytes
	return true
}

// prefix begins an error: who says it.
func (sh *shell) prefix() string {
	if n := len(sh.calls); n > 0 && sh.calls[n-1].source != "" && !sh.interactive {
		return sh.calls[n-1].source
	}
	return sh.name
}

// errorf reports an error as bash does: with its name, and the line unless it
// is interactive.
func (sh *shell) errorf(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	switch {
	case sh.dash && sh.interactive:
		text = fmt.Sprintf("%s: %d: %s", sh.name, sh.line, text)
	case sh.dash:
		text = fmt.Sprintf("%s: %d: %s", sh.name, sh.line, text)
	case sh.interactive:
		text = fmt.Sprintf("%s: %s", sh.name, text)
	default:
		text = fmt.Sprintf("%s: line %d: %s", sh.prefix(), sh.line, text)
	}
	fmt.Fprintln(sh.err(), text)
}

// builtinFault is errorf of a builtin, as an error to hand on.
func (sh *shell) builtinFault(format string, args ...any) error {
	sh.errorf(format, args...)
	return errFault
}

func (sh *shell) in() bound  { return sh.stream(0) }
func (sh *shell) out() bound { return sh.stream(1) }
func (sh *shell) err() bound { return sh.stream(2) }

func (sh *shell) stream(n int) bound { return bound{sh.proc, sh.ctx, sh.fds[n]} }

// view is the files as the shell sees them.
func (sh *shell) view() *vfs.View {
	return sh.m.view(sh.user).In(sh.dir).Masked(modeOf(sh.mask)).Within(sh.ctx).With(sh.linked(sh.fds))
}

// step counts one step and does what waits for the shell: traps.
func (sh *shell) step() bool {
	if sh.login.step(sh.ctx) != nil {
		sh.jumpTo(exits)
		return false
	}
	sh.runPending()
	return sh.jump.kind == none
}

// clone makes a subshell: a copy that shares nothing but the open files.
func (sh *shell) clone(p *process) *shell {
	c := *sh
	c.proc, c.ctx = p, p.ctx
	c.subshells++
	c.held, c.building = 0, 0
	c.scopes = make([]*scope, len(sh.scopes))
	for i, s := range sh.scopes {
		c.scopes[i] = &scope{vars: make(map[string]*variable, len(s.vars)), temp: s.temp}
		for name, v := range s.vars {
			c.scopes[i].vars[name] = v.clone()
			c.held += v.size()
		}
	}
	c.login.memory.repeat(int64(c.held))
	c.funcs, c.aliases, c.hashed = copied(sh.funcs), copied(sh.aliases), copied(sh.hashed)
	c.gone = copied(sh.gone)
	c.params, c.dirs = append([]string(nil), sh.params...), append([]string(nil), sh.dirs...)
	c.pipestatus, c.substituted = append([]int(nil), sh.pipestatus...), append([]int(nil), sh.substituted...)
	c.shopts = sh.shopts.clone()
	c.fds = sh.fds.clone()
	c.disabled, c.limitsSet, c.expanding = copied(sh.disabled), copied(sh.limitsSet), copied(sh.expanding)
	c.history = sh.history[:len(sh.history):len(sh.history)]
	c.jobs, c.traps = nil, ignoredTraps(sh.traps)
	c.calls = append([]call(nil), sh.calls...)
	c.pending, c.trapMu, c.caught = nil, &sync.Mutex{}, nil
	if len(c.traps) > 0 {
		c.pending = make(chan Signal, 8)
	}
	c.trapping = false
	c.editor = nil
	c.interactive = false
	c.wasInteractive(sh)
	return &c
}

// wasInteractive keeps the words of errors in a copy of an interactive shell.
func (sh *shell) wasInteractive(from *shell) {
	if from.interactive {
		sh.options.quietLine = true
	}
	sh.proc.catches(sh.catch)
}

func copied[K comparable, V any](m map[K]V) map[K]V {
	c := make(map[K]V, len(m))
	for k, v := range m {
		c[k] = v
	}
	return c
}

// release gives back what a subshell held.
func (sh *shell) release() {
	sh.fds.close()
	sh.login.memory.give(int64(sh.held))
	sh.held = 0
}
