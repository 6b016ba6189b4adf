package ssh

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/deception/service/door"
	"go.cordon.dev/cordon/internal/deception/service/ssh/scp"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// tiny is a machine with a handful of commands, the same for all clients.
type tiny struct {
	fs     *vfs.FS
	memory door.Memory

	mu     sync.Mutex
	logins []door.Login
}

func newTiny(t testing.TB) *tiny {
	t.Helper()
	made := time.Date(2025, 3, 1, 9, 30, 0, 0, time.UTC)
	tree := vfs.NewTree(made)
	for name, n := range map[string]vfs.Node{
		"/etc/passwd":       {Mode: 0o644, Data: []byte("root:x:0:0:root:/root:/bin/bash\nanna:x:1000:1000:Anna:/home/anna:/bin/bash\n")},
		"/etc/group":        {Mode: 0o644, Data: []byte("root:x:0:\nanna:x:1000:\n")},
		"/etc/motd":         {Mode: 0o644, Data: []byte("\nWelcome.\n")},
		"/root":             {Mode: fs.ModeDir | 0o700},
		"/home/anna":        {Mode: fs.ModeDir | 0o755, UID: 1000, GID: 1000},
		"/root/notes.txt":   {Mode: 0o600, Data: []byte("call the provider\n")},
		"/root/empty":       {Mode: 0o644},
		"/root/deep/a/b.sh": {Mode: 0o755, Data: []byte("#!/bin/sh\nexit 0\n")},
		"/tmp":              {Mode: fs.ModeDir | fs.ModeSticky | 0o777},
		"/root/link":        {Target: "notes.txt"},
	} {
		n.Mtime = made
		tree.Add(name, n)
	}
	return &tiny{fs: vfs.New(tree, time.Now, vfs.Limits{})}
}

func (m *tiny) Machine(netip.Addr) door.Machine { return m }

func (m *tiny) Memory() *door.Memory { return &m.memory }

func (m *tiny) TakeTTY() (string, func()) { return "pts/0", func() {} }

func (m *tiny) Enter() func() { return func() {} }

func (m *tiny) View(user string) (*vfs.View, error) {
	switch user {
	case "root":
		return m.fs.As(vfs.Cred{}).In("/root"), nil
	case "anna":
		return m.fs.As(vfs.Cred{UID: 1000, GID: 1000}).In("/home/anna"), nil
	}
	return nil, fmt.Errorf("no user %q", user)
}

// all returns the logins so far.
func (m *tiny) all() []door.Login {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]door.Login(nil), m.logins...)
}

func (m *tiny) Run(ctx context.Context, l door.Login) (int, string) {
	m.mu.Lock()
	m.logins = append(m.logins, l)
	m.mu.Unlock()
	name, argument, _ := strings.Cut(l.Command, " ")
	switch name {
	case "":
		return interactive(ctx, l), ""
	case "echo":
		fmt.Fprintln(l.Stdout, argument)
		return 0, ""
	case "warn":
		fmt.Fprintln(l.Stderr, argument)
		return 3, ""
	case "cat":
		_, _ = io.Copy(l.Stdout, l.Stdin)
		return 0, ""
	case "zeros":
		n := 0
		_, _ = fmt.Sscan(argument, &n)
		_, _ = l.Stdout.Write(make([]byte, n))
		return 0, ""
	case "scp":
		return m.scp(ctx, l, argument), ""
	case "exit":
		status, _ := strconv.Atoi(argument)
		return status, ""
	case "killed":
		return 0, "TERM"
	case "fault":
		panic("of a program")
	case "wait":
		<-ctx.Done()
		return 0, "HUP"
	}
	return 127, ""
}

// interactive repeats lines until one says exit.
func interactive(ctx context.Context, l door.Login) int {
	fmt.Fprint(l.Stdout, "$ ")
	lines := bufio.NewReader(l.Stdin)
	for ctx.Err() == nil {
		line, err := lines.ReadString('\n')
		if err != nil {
			return 1
		}
		if line = strings.TrimSpace(line); line == "exit" {
			return 0
		}
		if line == "size" && l.Terminal != nil {
			size := <-l.Terminal.Resized
			line = fmt.Sprint(size)
		}
		fmt.Fprintf(l.Stdout, "%s\r\n$ ", line)
	}
	return 1
}

func (m *tiny) scp(ctx context.Context, l door.Login, argument string) int {
	files, err := m.View(l.User)
	if err != nil {
		return 1
	}
	return scp.Far{In: l.Stdin, Out: l.Stdout, Err: l.Stderr, Files: files, Session: l.Session}.Run(ctx, strings.Fields(argument))
}
