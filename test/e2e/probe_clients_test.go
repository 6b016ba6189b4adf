//go:build servers

package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/testdebian"
)

// visit is what one client of Debian does, and what it is seen to try.
type visit struct {
	service  string
	deb      string // package of the client
	command  []string
	input    string
	says     string
	kind, as string // of the credential; empty: it tries none
	accepted bool
}

// visits need a file to send, and the ssh that they go through.
func (d *trap) visits(file, ssh string) []visit {
	port := func(flag, kind string) []string { return []string{flag, d.ports[kind]} }
	open := append([]string{"-S", ssh, "-F", "none", "-o", "UserKnownHostsFile=" + file + ".known", "-o", "StrictHostKeyChecking=accept-new",
		"-o", "NumberOfPasswordPrompts=1", "-o", "IdentityFile=none", "-o", "IdentityAgent=none"}, port("-P", "ssh")...)
	with := func(program string, before []string, args ...string) []string {
		return append(append([]string{program}, before...), args...)
	}
	return []visit{
		{service: "ssh", deb: "openssh-client", command: with("ssh-keyscan", port("-p", "ssh"), d.address), says: "ssh-ed25519 "},
		{service: "ssh", deb: "openssh-client", command: with("sftp", open, "root@"+d.address), input: "put " + file + " one\nls -l one\nbye\n", says: "one", kind: "plaintext", as: "root", accepted: true},
		{service: "ssh", deb: "openssh-client", command: with("scp", open, file, "root@"+d.address+":two"), kind: "plaintext", as: "root", accepted: true},
		{service: "http", deb: "curl", command: []string{"curl", "-sS", "-u", "curly:" + rightPassword(), "http://" + d.at("http") + "/admin"}, says: "401 Authorization Required", kind: "plaintext", as: "curly"},
		{service: "redis", deb: "redis-tools", command: with("redis-cli", port("-p", "redis"), "-h", d.address, "--user", "ready", "--pass", "wrong", "PING"), says: "WRONGPASS", kind: "plaintext", as: "ready"},
		{service: "postgres", deb: "postgresql-client-15", command: with("psql", port("-p", "postgres"), "-h", d.address, "-U", "elephant", "-d", "postgres", "-c", "select 1"), says: `password authentication failed for user "elephant"`, kind: "postgres_md5_challenge", as: "elephant"},
		{service: "mysql", deb: "mariadb-client", command: with("mariadb", []string{"--no-defaults", "-P", d.ports["mysql"]}, "-h", d.address, "-u", "seal", "-pwrong", "-e", "select 1"), says: "Access denied for user 'seal'@'127.0.0.1' (using password: YES)", kind: "mysql_native_challenge", as: "seal"},
	}
}

// The programs that people and scripts use find the decky to be what it claims,
// and what each logs in with is a row.
func TestRealClientsLeaveTheirAttempts(t *testing.T) {
	t.Parallel()
	d := newTrap(t, nil)
	file := filepath.Join(t.TempDir(), "payload")
	mustDo(t, os.WriteFile(file, []byte("#!/bin/sh\nid\n"), 0o600))
	visits := d.visits(file, testdebian.Program(t, "openssh-client", "ssh"))
	for _, v := range visits {
		if out, err := v.run(t, filepath.Dir(file)); !strings.Contains(out, v.says) || v.accepted && err != nil {
			t.Errorf("%s: %v, want %q in\n%s", v.command[0], err, v.says, out)
		}
	}
	d.wantVisits(visits)
	eventually(t, 2*time.Minute, "both files", func() bool { return len(d.uploads()) == 2 })
	for _, path := range d.uploads() {
		if path != "/root/one" && path != "/root/two" {
			t.Errorf("a file is said to be left as %s", path)
		}
	}
	d.stop()
}

// run returns all that the client prints. Its password comes from a program
// where it would ask a terminal.
func (v visit) run(t *testing.T, home string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	ask := filepath.Join(home, "ask")
	mustDo(t, os.WriteFile(ask, []byte("#!/bin/sh\necho "+rightPassword()+"\n"), 0o700))
	cmd := exec.CommandContext(ctx, testdebian.Program(t, v.deb, v.command[0]), v.command[1:]...)
	cmd.Env = append(os.Environ(), "HOME="+home, "LC_ALL=C", "SSH_ASKPASS="+ask, "SSH_ASKPASS_REQUIRE=force", "PGPASSWORD=wrong", "PGSSLMODE=disable")
	cmd.Stdin = strings.NewReader(v.input)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// wantVisits waits for the rows of all visits, and for no others.
func (d *trap) wantVisits(visits []visit) {
	d.t.Helper()
	var want []string
	for _, v := range visits {
		if v.kind != "" {
			want = append(want, fmt.Sprint(v.service, " ", v.kind, " ", v.as, " ", v.accepted))
		}
	}
	slices.Sort(want)
	want = slices.Compact(want) // sftp and scp try the same
	var got []string
	eventually(d.t, 2*time.Minute, "all attempts", func() bool {
		got = nil
		for _, c := range d.credentials() {
			got = append(got, fmt.Sprint(c.Service, " ", c.Kind, " ", c.Principal, " ", c.Accepted))
		}
		return len(got) >= len(want)
	})
	if slices.Sort(got); !slices.Equal(got, want) {
		d.t.Errorf("the credentials are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// uploads are the paths of the files that were left.
func (d *trap) uploads() (paths []string) {
	d.t.Helper()
	items, _ := d.list("/api/v1/artifacts?limit=100")
	for _, a := range items {
		paths = append(paths, a["path"].(string))
	}
	return paths
}
