package ssh

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/door"
	"go.cordon.dev/cordon/internal/deception/service/servicetest"
	"go.cordon.dev/cordon/internal/testdebian"
)

// secret is the password that logs in.
const secret = servicetest.Password

// quick is a configuration without delays in which root and anna can log in.
func quick(more service.Config) service.Config {
	return servicetest.Quick(service.Config{"patch": newestPatch, "max_startups": "1000:1:1000"}, more)
}

// decky serves SSH for one test.
func decky(t testing.TB, m door.Machines, config service.Config) *servicetest.Decky {
	t.Helper()
	return servicetest.Serve(t, Kind(m), config)
}

// client runs OpenSSH's programs against an address.
type client struct {
	t        testing.TB
	host     string
	port     string
	dir      string // for what they remember
	password string
	open     bool // its input does not end
}

func newClient(t testing.TB, address string) *client {
	t.Helper()
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	c := &client{t: t, host: host, port: port, dir: t.TempDir(), password: secret}
	return c
}

// answer is what a program came to.
type answer struct {
	out, log string
	status   int
}

// run runs a program with options of ours before its own arguments.
func (c *client) run(program string, stdin string, args ...string) answer {
	c.t.Helper()
	ask := filepath.Join(c.dir, "ask")
	if err := os.WriteFile(ask, []byte("#!/bin/sh\necho '"+c.password+"'\n"), 0o700); err != nil {
		c.t.Fatal(err)
	}
	port := "-p"
	if program != "ssh" {
		port = "-P"
	}
	all := append([]string{"-F", "none", port, c.port, "-o", "UserKnownHostsFile=" + c.dir + "/known", "-o", "StrictHostKeyChecking=accept-new",
		"-o", "NumberOfPasswordPrompts=1", "-o", "IdentityFile=none", "-o", "IdentityAgent=none", "-o", "ConnectTimeout=120"}, args...)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, testdebian.Program(c.t, "openssh-client", program), all...)
	cmd.Env = append(os.Environ(), "SSH_ASKPASS="+ask, "SSH_ASKPASS_REQUIRE=force", "HOME="+c.dir, "LANG=C", "LC_ALL=", "SSH_AUTH_SOCK=")
	cmd.Stdin = strings.NewReader(stdin)
	if c.open {
		r, w, err := os.Pipe()
		if err != nil {
			c.t.Fatal(err)
		}
		defer w.Close()
		defer r.Close()
		cmd.Stdin = r
	}
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	err := cmd.Run()
	if err != nil && cmd.ProcessState == nil {
		c.t.Fatal(err)
	}
	return answer{out.String(), log.String(), cmd.ProcessState.ExitCode()}
}

// ssh runs a command there as root.
func (c *client) ssh(command string, options ...string) answer {
	c.t.Helper()
	return c.run("ssh", "", append(options, "root@"+c.host, command)...)
}
