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
	"slices"
	"strings"
	"sync"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
	"go.cordon.dev/cordon/internal/egress"
	"go.cordon.dev/cordon/internal/egress/stdio"
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
	mcpAgain     = time.Second     // until the server of Cordon is asked again that did not answer
	mcpLastWords = 5 * time.Second // for what the server of MCP said before it ended
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
	if err := s.concealKey(); err != nil {
		return codeError{exitNotStarted, err.Error()}
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
	now, err := b.cl.EgressWait(ctx, "")
	if err != nil {
		return codeError{exitNotStarted, "asking the server: " + err.Error()}
	}
	if now.KillSwitch.Active {
		return codeError{exitNotStarted, "the kill switch is on: " + now.KillSwitch.Reason}
	}
	p, err := startServer(command, b.s.Stderr)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	var watching sync.WaitGroup
	watching.Go(func() { b.watch(ctx, p, now) })
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

// watch ends everything when the kill switch is turned on, and says which policy the
// messages are judged by from now on. The server answers as soon as something changes;
// while it does not answer, no message passes either.
func (b *mcpBridge) watch(ctx context.Context, p *mcpServer, was api.EgressNow) {
	for ctx.Err() == nil {
		now, err := b.cl.EgressWait(ctx, was.Mark)
		if err != nil {
			mcpPause(ctx)
			continue
		}
		if now.KillSwitch.Active {
			b.end(p, "the kill switch is on: "+now.KillSwitch.Reason)
			return
		}
		if now.Version != was.Version {
			_, _ = fmt.Fprintf(b.s.Stderr, "cordon: messages are judged by version %d of the policy from now on\n", now.Version) // for who reads it
		}
		was = now
	}
}

// mcpPause waits until the server is to be asked again that did not answer.
func mcpPause(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(mcpAgain):
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
	cmd.Stderr, cmd.Env = stderr, withoutKey(os.Environ())
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

// concealKey keeps the key to Cordon, if there is one, from who is watched: a process
// may read the environment of its parent.
func (s *session) concealKey() error {
	if key, ok := s.Lookup(apiKeyVariable); !ok || key == "" {
		return nil
	}
	return s.Conceal()
}

// withoutKey leaves out the key to Cordon: who is watched could turn off with it whatever
// watches him.
func withoutKey(environ []string) []string {
	return slices.DeleteFunc(environ, func(v string) bool { return strings.HasPrefix(v, apiKeyVariable+"=") })
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
