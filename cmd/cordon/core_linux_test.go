package main

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// TestAnAbortedServerLeavesNoCore aborts a server that holds secrets in memory,
// in a shell that allows core dumps, and searches the directory where one would
// be. The same abort of a program that does not forbid them shows that the
// search finds what is there, where the kernel writes cores to that directory.
func TestAnAbortedServerLeavesNoCore(t *testing.T) {
	secret := "signing-" + strconv.Itoa(os.Getpid()) + "-secret-of-this-test"
	in, hold, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = in.Close(), hold.Close() }()
	if _, err := hold.WriteString(secret + "\n"); err != nil {
		t.Fatal(err)
	}
	control := allowingCores(t, "holder")
	control.Stdin = in
	if dumped := abort(t, control, "ready"); dumped && coresLieHere(t) && !holds(t, control.Dir, secret) {
		t.Error("the search does not find the secret in the core of a program that allows one")
	}

	server := allowingCores(t, "cordon", "serve", "--config", "cordon.yaml")
	config := filepath.Join(server.Dir, "cordon.yaml")
	yaml := "data: {dir: data}\napi: {listen: \"127.0.0.1:0\"}\n" +
		`notify: {webhooks: [{id: a, url: "https://hooks.example/", secret: "` + secret + `", topics: ["leak.>"]}]}`
	if err := os.WriteFile(config, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	if abort(t, server, "is running") {
		t.Error("the server was dumped")
	}
	if err := os.Remove(config); err != nil {
		t.Fatal(err)
	}
	if holds(t, server.Dir, secret) {
		t.Error("the secret lies on the disk")
	}
}

// allowingCores prepares a command that may leave a core. With GOTRACEBACK=crash
// Go's runtime lets an aborted program end as the kernel would end it.
func allowingCores(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("sh", append([]string{"-c", `ulimit -c "$(ulimit -H -c)"; exec "$@"`, "sh"}, args...)...)
	cmd.Env, cmd.Dir = append(os.Environ(), "GOTRACEBACK=crash"), t.TempDir()
	return cmd
}

// abort starts a command, waits until it prints a text, aborts it and reports
// whether the kernel dumped it.
func abort(t *testing.T, cmd *exec.Cmd, ready string) (dumped bool) {
	t.Helper()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.Contains(lines.Text(), ready) {
	}
	err = cmd.Process.Signal(syscall.SIGABRT)
	_, _ = io.Copy(io.Discard, out)
	_ = cmd.Wait()
	status := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if err != nil || !status.Signaled() || status.Signal() != syscall.SIGABRT {
		t.Fatalf("%v ended with %v instead of being aborted (%v)\n%s", cmd.Args, cmd.ProcessState, err, stderr.String())
	}
	return status.CoreDump()
}

// coresLieHere reports whether this kernel writes a core into the directory in
// which the process works (core(5)).
func coresLieHere(t *testing.T) bool {
	t.Helper()
	pattern, err := os.ReadFile("/proc/sys/kernel/core_pattern")
	if err != nil {
		t.Fatal(err)
	}
	return !strings.ContainsAny(string(pattern), "|/")
}

// holds reports whether a file below dir holds the text.
func holds(t *testing.T, dir, text string) (found bool) {
	t.Helper()
	err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(p)
		found = found || bytes.Contains(b, []byte(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
