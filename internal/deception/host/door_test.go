package host

import (
	"bytes"
	"io"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/shell"
)

// What a login's shell knows of its door is what sshd or login would have told
// it, and nothing of the other.
func TestAShellHasTheEnvironmentOfItsDoor(t *testing.T) {
	m := hosts(t, vault(t), clock.Real{}, 0).Of(decky(t, "web")).Machine(mallory)
	for by, want := range map[string][]string{
		"":      {"SSH_CLIENT=203.0.113.9 40000 22", "LANG=C.UTF-8"},
		"login": {"REMOTEHOST=203.0.113.9", "HUSHLOGIN=FALSE", "MOTD_SHOWN=pam", "MAIL=/var/mail/root", "LANG=en_US.UTF-8", "DISPLAY=x:0"},
	} {
		var out bytes.Buffer
		m.Run(t.Context(), shell.Login{
			User: "root", Command: "env", By: by, Client: netip.MustParseAddrPort("203.0.113.9:40000"), Server: netip.MustParseAddrPort("192.0.2.1:22"),
			Env: []string{"DISPLAY=x:0"}, Stdin: strings.NewReader(""), Stdout: &out, Stderr: io.Discard,
		})
		got := strings.Split(out.String(), "\n")
		for _, v := range want {
			if !slices.Contains(got, v) {
				t.Errorf("by %q there is no %s in %q", by, v, got)
			}
		}
		if other := map[string]string{"": "REMOTEHOST=", "login": "SSH_"}[by]; strings.Contains(out.String(), other) {
			t.Errorf("by %q there is %s in %q", by, other, got)
		}
	}
}

// A terminal that was taken is its taker's until it is given back, and keeps the
// machine where it is.
func TestTerminalsAreTakenOnce(t *testing.T) {
	h := hosts(t, vault(t), clock.Real{}, 1)
	m := h.Of(decky(t, "a")).Machine(mallory)
	first, release := m.TakeTTY()
	second, releaseSecond := m.TakeTTY()
	if first != "pts/0" || second != "pts/1" {
		t.Errorf("taken: %s and %s", first, second)
	}
	does(t, h.Of(decky(t, "b")).Machine(mallory), "true")
	if got := h.Deckies(); !slices.Contains(got, "a") {
		t.Errorf("the machine of a taken terminal was put away; there are %v", got)
	}
	release()
	if again, free := m.TakeTTY(); again != "pts/0" {
		t.Errorf("given back, it is %s", again)
	} else {
		free()
	}
	releaseSecond()
}
