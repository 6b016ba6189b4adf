package ssh

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/servicetest"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
	"go.cordon.dev/cordon/internal/testdebian"
)

// A client that is let in sees the same messages in the same order as of sshd,
// whatever it asks for.
func TestSessionsLookLikeSSHDs(t *testing.T) {
	r := sshd(t)
	m := newTiny(t)
	d := decky(t, m, quick(service.Config{"patch": r.patch}))
	authorize(t, m, r.key)
	for name, options := range map[string][]string{
		"a command that fails":     {"USER@127.0.0.1", "exit 3"},
		"a terminal and a command": {"-tt", "USER@127.0.0.1", "exit 3"},
		"the environment":          {"-o", "SendEnv=LANG HOME", "USER@127.0.0.1", "exit 3"},
		"an unknown subsystem":     {"-s", "USER@127.0.0.1", "no-such"},
		"to somewhere else":        {"-W", "198.51.100.7:80", "USER@127.0.0.1"},
		"a port here":              {"-R", "8080:localhost:80", "USER@127.0.0.1", "exit 3"},
		"a socket here":            {"-R", "/tmp/x.sock:localhost:80", "USER@127.0.0.1", "exit 3"},
		"an agent":                 {"-A", "-o", "ForwardAgent=/no/such/agent", "USER@127.0.0.1", "exit 3"},
		"host keys by another":     {"-o", "HostKeyAlgorithms=ecdsa-sha2-nistp256", "-o", "UpdateHostKeys=yes", "USER@127.0.0.1", "exit 3"},
		"host keys by RSA":         {"-o", "HostKeyAlgorithms=rsa-sha2-256", "-o", "UpdateHostKeys=yes", "USER@127.0.0.1", "exit 3"},
	} {
		t.Run(name, func(t *testing.T) {
			want, got := session(t, r.address, r.user, r.key, options), session(t, d.Address, "root", r.key, options)
			if diff := difference(ordered(want.log), ordered(got.log)); diff != "" || want.status != got.status {
				t.Errorf("status %d and %d; %s", want.status, got.status, diff)
			}
		})
	}
	var kinds []string
	for _, o := range d.Sink.Of(service.Forward) {
		kinds = append(kinds, servicetest.Field(o, "kind"))
	}
	if all := strings.Join(kinds, " "); !strings.Contains(all, "direct-tcpip") || !strings.Contains(all, "tcpip-forward") || !strings.Contains(all, "streamlocal") {
		t.Errorf("forwards are recorded as %q", all)
	}
}

func session(t *testing.T, address, user, key string, options []string) answer {
	t.Helper()
	args := []string{"-vvv", "-i", key}
	for _, o := range options {
		args = append(args, strings.ReplaceAll(o, "USER", user))
	}
	c := newClient(t, address)
	c.open = true
	return c.run("ssh", "", args...)
}

// authorize lets root in with a key, as an attacker does who wants to come back.
func authorize(t *testing.T, m *tiny, key string) {
	t.Helper()
	public, err := exec.Command(testdebian.Program(t, "openssh-client", "ssh-keygen"), "-y", "-f", key).Output()
	if err != nil {
		t.Fatal(err)
	}
	root := m.fs.As(vfs.Cred{}).In("/root")
	if err := root.Mkdir(".ssh", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := root.WriteFile(".ssh/authorized_keys", append([]byte("# mine\n"), public...), 0o600); err != nil {
		t.Fatal(err)
	}
}

// ordered is what was received, less what names the place. Whether sshd notices
// first that a program has ended or that its output has is chance, so the end of
// output is left out.
func ordered(log string) string {
	var out []string
	for line := range strings.SplitSeq(seen(log), "\n") {
		if strings.Contains(line, "Authenticated to") || strings.Contains(line, "Authenticating to") ||
			strings.HasSuffix(line, "packet: type 96") || strings.HasSuffix(line, "packet: type 98") || strings.HasSuffix(line, "rcvd eof") {
			continue
		}
		out = append(out, regexp.MustCompile(`\S+: key options`).ReplaceAllString(line, "FILE: key options"))
	}
	return strings.Join(out, "\n")
}

// Whoever puts his key into the file of a user's keys comes back with it; before,
// he does not.
func TestAKeyThatWasPlantedOpens(t *testing.T) {
	m := newTiny(t)
	d := decky(t, m, quick(nil))
	key := t.TempDir() + "/key"
	for _, kind := range []string{"ed25519", "rsa", "ecdsa"} {
		if out, err := exec.Command(testdebian.Program(t, "openssh-client", "ssh-keygen"), "-q", "-t", kind, "-N", "", "-f", key).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		c := newClient(t, d.Address)
		try := func() answer { return c.ssh("echo in", "-i", key, "-o", "PreferredAuthentications=publickey") }
		if a := try(); a.out != "" || a.status != 255 {
			t.Errorf("%s, before: %+v", kind, a)
		}
		authorize(t, m, key)
		if a := try(); a.out != "in\n" {
			t.Errorf("%s, after: %+v", kind, a)
		}
		if err := m.fs.As(vfs.Cred{}).Remove("/root/.ssh/authorized_keys"); err != nil {
			t.Fatal(err)
		}
		if err := m.fs.As(vfs.Cred{}).Rmdir("/root/.ssh"); err != nil {
			t.Fatal(err)
		}
		_ = os.Remove(key)
	}
	got := d.Sink.Of(service.LoginAttempt)
	if c := got[0].Credential; c.Kind != service.PublicKey || !strings.HasPrefix(string(c.Secret), "SHA256:") || c.Accepted {
		t.Errorf("the offer is %+v", c)
	}
	if c := got[len(got)-1].Credential; !c.Accepted {
		t.Errorf("the proof is %+v", c)
	}
}
