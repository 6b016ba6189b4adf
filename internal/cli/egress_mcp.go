package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
	"go.cordon.dev/cordon/internal/egress"
	"go.cordon.dev/cordon/internal/egress/stdio"
	"go.cordon.dev/cordon/internal/event"
)

// egressMCPCmd is given to an agent in the place of a server of MCP, which it starts.
type egressMCPCmd struct {
	Name    string   `placeholder:"NAME" help:"What the policy calls the server: NAME.localhost. Default: the name of the program."`
	Command []string `arg:"" passthrough:"" name:"command" help:"The server and its arguments, behind --."`
}

// The exit codes besides the server's own, as env(1) has them.
const (
	exitNotStarted    = 125
	exitNotExecutable = 126
	exitNotFound      = 127
)

// How the server is watched over.
const (
	mcpSwitchLook = time.Second     // between looks at the kill switch while nobody tells of it
	mcpToldLook   = 5 * time.Second // while the server's stream of events does, and to ask for that again
	mcpLastWords  = 5 * time.Second // for what the server said before it ended
)

func (c *egressMCPCmd) Run(ctx context.Context, s *session) error {
	command := c.Command
	if len(command) > 0 && command[0] == "--" {
		command = command[1:]
	}
	if len(command) == 0 {
		return usageError("there is no server to start: cordon egress mcp --name files -- PROGRAM ARGUMENTS")
	}
	host, err := serverName(c.Name, command[0])
	if err != nil {
		return err
	}
	signals := make(chan os.Signal, 8) // from here on, so that none is lost before the server runs
	signal.Notify(signals, passedOn()...)
	defer signal.Stop(signals)
	cl, done, err := s.connect(ctx, false)
	if err != nil {
		return codeError{exitNotStarted, err.Error()}
	}
	defer func() { _ = done() }() // nothing is left to be written
	b := &mcpBridge{s: s, cl: cl, host: host, signals: signals}
	return b.run(context.WithoutCancel(ctx), command)
}

// serverName is the host that stands for a server.
func serverName(name, program string) (string, error) {
	hint := ""
	if name == "" {
		base := filepath.Base(program)
		name, hint = strings.ToLower(strings.TrimSuffix(base, filepath.Ext(base))), "; give another with --name"
	}
	host, err := policy.NormalHost(name + egress.LocalServers)
	if err != nil || strings.Contains(name, ".") || host != name+egress.LocalServers {
		return "", usageError("%q is no name for a server: take small letters, digits and hyphens%s", name, hint)
	}
	return host, nil
}

// mcpBridge runs one server.
type mcpBridge struct {
	s    *session
	cl   *client.Client
	host string

	signals chan os.Signal // that this program is sent

	mu   sync.Mutex
	over string // why everything was ended; empty: it was not
}

// Judge implements stdio.Judge.
func (b *mcpBridge) Judge(ctx context.Context, s stdio.Said) (stdio.Verdict, error) {
	a, err := b.cl.EgressHear(ctx, api.EgressHearRequest{Server: b.host, FromServer: s.FromServer, Text: s.Text, Unseen: s.Unseen})
	if err != nil {
		return stdio.Verdict{}, err
	}
	return stdio.Verdict{
		Allowed: a.Result == string(policy.Allow), Reason: a.Reason, Rule: a.Rule, Detail: a.Detail, AllowCommand: a.AllowCommand,
		Over: a.Reason == string(policy.ReasonKillSwitch),
	}, nil
}

func (b *mcpBridge) run(ctx context.Context, command []string) error {
	if k, err := b.cl.EgressKillSwitch(ctx); err != nil {
		return codeError{exitNotStarted, "asking the server: " + err.Error()}
	} else if k.Active {
		return codeError{exitNotStarted, "the kill switch is on: " + k.Reason}
	}
	p, err := startServer(command, b.s.Stderr)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	var watching sync.WaitGroup
	watching.Go(func() { b.watch(ctx, p) })
	watching.Go(func() { b.passSignals(ctx, p) })
	b.talk(ctx, p)
	err = p.cmd.Wait()
	p.lastWords()
	cancel()
	watching.Wait()
	return b.outcome(err, p.cmd.ProcessState)
}

// talk passes lines on. It returns at once: who reads from the agent may wait for ever,
// so that nobody waits for him.
func (b *mcpBridge) talk(ctx context.Context, p *mcpServer) {
	bridge := &stdio.Bridge{Judge: b, Agent: b.s.Stdout, Server: p.in, Note: b.s.Stderr}
	go func() {
		err := bridge.FromAgent(ctx, b.s.Stdin)
		if errors.Is(err, stdio.ErrOver) {
			b.end(p, "the kill switch is on")
		}
		_ = p.in.Close() // so that the server ends: nothing more comes
	}()
	go func() {
		defer close(p.silent)
		if err := bridge.FromServer(ctx, p.out); errors.Is(err, stdio.ErrOver) {
			b.end(p, "the kill switch is on")
		}
		_ = p.out.Close() // who writes on is told
	}()
}

// watch ends everything when the kill switch is turned on. The server tells of that at
// once; what it cannot tell, because it is away or its store is, is looked for. A server
// of Cordon that does not answer lets no message pass meanwhile.
func (b *mcpBridge) watch(ctx context.Context, p *mcpServer) {
	ctx, cancel := context.WithCancel(ctx)
	n := &mcpNews{turned: make(chan struct{}, 1)}
	var following sync.WaitGroup
	defer following.Wait()
	defer cancel()
	following.Go(func() { n.follow(ctx, b.cl) })
	for {
		select {
		case <-ctx.Done():
			return
		case <-n.turned:
		case <-time.After(n.patience()):
		}
		if k, err := b.cl.EgressKillSwitch(ctx); err == nil && k.Active {
			b.end(p, "the kill switch is on: "+k.Reason)
			return
		}
	}
}

// mcpNews is what the server tells of the kill switch.
type mcpNews struct {
	turned chan struct{} // it was turned, some way
	open   atomic.Bool   // the server would tell
}

// patience is how long nobody has to look.
func (n *mcpNews) patience() time.Duration {
	if n.open.Load() {
		return mcpToldLook
	}
	return mcpSwitchLook
}

// follow listens until ctx ends. Where the stream is cut or refused, as to one who has
// too many, it is asked for again.
func (n *mcpNews) follow(ctx context.Context, cl *client.Client) {
	for ctx.Err() == nil {
		n.open.Store(true)
		_ = cl.Stream(ctx, client.StreamQuery{Topics: []string{event.TopicKillSwitchChanged}}, func(event.Record) error {
			n.tell()
			return nil
		}) // why it ended changes nothing
		n.open.Store(false)
		n.tell() // it may have been turned meanwhile
		select {
		case <-ctx.Done():
		case <-time.After(mcpToldLook):
		}
	}
}

func (n *mcpNews) tell() {
	select {
	case n.turned <- struct{}{}:
	default: // somebody is about to look
	}
}

func (b *mcpBridge) end(p *mcpServer, why string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.over == "" {
		b.over = why
	}
	p.kill()
}

// outcome is the exit code: the server's own, or that of a shell for a signal.
func (b *mcpBridge) outcome(err error, state *os.ProcessState) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.over != "":
		return codeError{exitNotStarted, "the server was ended: " + b.over}
	case err == nil:
		return nil
	case state == nil:
		return codeError{exitNotStarted, "waiting for the server: " + err.Error()}
	}
	return codeError{code: exitOf(state)}
}

// mcpServer is a server that runs.
type mcpServer struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    io.ReadCloser
	silent chan struct{} // closed when nothing more is read of it
}

// startServer starts it in a group of its own, so that it ends with all that it starts.
func startServer(command []string, stderr io.Writer) (*mcpServer, error) {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stderr = stderr
	ownGroup(cmd)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("starting the server: %w", err)
	}
	out, theirs, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("starting the server: %w", err)
	}
	cmd.Stdout = theirs
	err = cmd.Start()
	_ = theirs.Close() // it has its own
	if err != nil {
		_ = out.Close()
		return nil, codeError{startCode(err), "starting the server: " + err.Error()}
	}
	return &mcpServer{cmd: cmd, in: in, out: out, silent: make(chan struct{})}, nil
}

func startCode(err error) int {
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, os.ErrNotExist) {
		return exitNotFound
	}
	return exitNotExecutable
}

// lastWords waits for what the server said before it ended; somebody whom it started
// may hold its output open.
func (p *mcpServer) lastWords() {
	select {
	case <-p.silent:
	case <-time.After(mcpLastWords):
		_ = p.out.Close()
		<-p.silent
	}
}

// passSignals hands on what this program is sent.
func (b *mcpBridge) passSignals(ctx context.Context, p *mcpServer) {
	for {
		select {
		case <-ctx.Done():
			return
		case sig := <-b.signals:
			p.signal(sig)
		}
	}
}
