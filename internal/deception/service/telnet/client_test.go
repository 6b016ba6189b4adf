//go:build servers && unix

package telnet

import (
	"context"
	"io"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/testdebian"
)

// Debian's own client logs in and works.
func TestDebiansClientLogsIn(t *testing.T) {
	d := decky(t, newTiny(), quick(nil))
	host, port, err := net.SplitHostPort(d.Address)
	if err != nil {
		t.Fatal(err)
	}
	telnet := testdebian.Program(t, "inetutils-telnet", "inetutils-telnet")
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, testdebian.Program(t, "bsdutils", "script"), "-qefc", telnet+" "+host+" "+port, "/dev/null")
	cmd.Env = append(cmd.Environ(), "TERM=xterm", "SHELL=/bin/sh")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var shown strings.Builder
	for _, step := range []struct{ wait, typed string }{
		{" login: ", "root\r"}, {"Password: ", "wrong\r"}, {"Login incorrect\r\n", ""}, {" login: ", "root\r"}, {"Password: ", secret + "\r"},
		{"$ ", "hello\r"}, {"you said hello\r\n$ ", "exit\r"}, {"Connection closed by foreign host.", ""},
	} {
		await(t, out, &shown, step.wait)
		if _, err := io.WriteString(in, step.typed); err != nil {
			t.Fatal(err)
		}
	}
	_ = in.Close()
	_, _ = io.Copy(&shown, out)
	_ = cmd.Wait() // telnet ends with 1 when the other side hangs up
	if strings.Contains(shown.String(), secret) {
		t.Error("the password was shown")
	}
	got := d.Sink.Wait(t, service.LoginAttempt, 2)
	if a, b := got[0].Credential, got[1].Credential; string(a.Secret) != "wrong" || a.Accepted || string(b.Secret) != secret || !b.Accepted {
		t.Errorf("%+v and %+v", a, b)
	}
}

// await reads until a text was shown, and forgets what is before its end.
func await(t *testing.T, out io.Reader, shown *strings.Builder, text string) {
	t.Helper()
	b := make([]byte, 1)
	for !strings.HasSuffix(shown.String(), text) {
		if _, err := out.Read(b); err != nil {
			t.Fatalf("%q was not shown: %v; it was %q", text, err, shown)
		}
		shown.Write(b)
	}
}
