//go:build servers

package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/testport"
)

// binary is the program under test, built once by TestMain.
var binary string

func TestMain(m *testing.M) { os.Exit(build(m)) }

func build(m *testing.M) int {
	dir, err := os.MkdirTemp("", "cordon-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary = filepath.Join(dir, "cordon")
	if err := compile(binary, "./cmd/cordon"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// compile builds a program of the repository.
func compile(to, from string, tags ...string) error {
	cmd := exec.Command("go", "build", "-ldflags=-s -w", "-tags", strings.Join(tags, ","), "-o", to, from)
	cmd.Dir = filepath.Join("..", "..")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w\n%s", from, err, out)
	}
	return nil
}

// node is a `cordon serve` and what belongs to it.
type node struct {
	t      *testing.T
	data   string
	config string
	addr   string
	key    string
	log    *os.File // standard output and error of all its lives
	cmd    *exec.Cmd
	env    []string // what its commands find in their environment, beside the tests' own

	// prepare, unless nil, may change how serve is called.
	prepare func(serve *exec.Cmd)
}

// newNode writes a configuration and makes an API key before the first serve. What
// the configuration takes from the environment is given as NAME=VALUE: other tests
// run beside this one.
func newNode(t *testing.T, config string, env ...string) *node {
	t.Helper()
	dir := t.TempDir()
	n := &node{t: t, data: filepath.Join(dir, "data"), config: filepath.Join(dir, "cordon.yaml"), addr: testport.Addr(t), env: append([]string{signingVariable + "=" + signingSecret()}, env...)}
	text := fmt.Sprintf("data: {dir: %q}\napi: {listen: %q}\n%s", n.data, n.addr, config)
	if err := os.WriteFile(n.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(filepath.Join(dir, "output.log"))
	if err != nil {
		t.Fatal(err)
	}
	n.log = log
	t.Cleanup(func() { _ = log.Close() })
	n.key = strings.TrimSpace(n.cli("apikey", "create", "--name", "e2e", "--role", "admin"))
	return n
}

// cli runs a command on the node's data and returns its standard output.
func (n *node) cli(args ...string) string {
	n.t.Helper()
	cmd := n.command(append(args, "--config", n.config)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		n.t.Fatalf("cordon %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return string(out)
}

// command is the program in the node's environment.
func (n *node) command(args ...string) *exec.Cmd {
	cmd := exec.Command(binary, args...)
	cmd.Env = append(os.Environ(), n.env...)
	return cmd
}

// start runs serve and waits until it is ready.
func (n *node) start() {
	n.t.Helper()
	n.launch()
	n.awaitReady()
}

// launch runs serve.
func (n *node) launch() {
	n.t.Helper()
	n.cmd = n.command("serve", "--config", n.config)
	n.cmd.Stdout, n.cmd.Stderr = n.log, n.log
	if n.prepare != nil {
		n.prepare(n.cmd)
	}
	if err := n.cmd.Start(); err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(n.kill)
}

func (n *node) awaitReady() {
	n.t.Helper()
	eventually(n.t, 2*time.Minute, "readyz", func() bool { return n.readyz() == http.StatusOK })
}

// readyz is the status of /readyz; 0 when nobody answers.
func (n *node) readyz() int {
	r, err := http.Get("http://" + n.addr + "/readyz")
	if err != nil {
		return 0
	}
	_ = r.Body.Close()
	return r.StatusCode
}

// kill ends the process as a power cut would.
func (n *node) kill() {
	_ = n.cmd.Process.Kill()
	_ = n.cmd.Wait()
}

// stop ends the process as an operator would; it must exit 0.
func (n *node) stop() {
	n.t.Helper()
	if err := n.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		n.t.Fatal(err)
	}
	if err := n.cmd.Wait(); err != nil {
		n.t.Errorf("serve after SIGTERM: %v\n%s", err, n.output())
	}
}

func (n *node) output() string {
	b, _ := os.ReadFile(n.log.Name())
	return string(b)
}

// get reads an API path and returns status and body.
func (n *node) get(path string) (int, []byte) {
	n.t.Helper()
	req, _ := http.NewRequest(http.MethodGet, "http://"+n.addr+path, nil)
	req.Header.Set("Authorization", "Bearer "+n.key)
	r, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, []byte(err.Error())
	}
	defer func() { _ = r.Body.Close() }()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		n.t.Fatal(err)
	}
	return r.StatusCode, b
}

// quarantine reads all entries, page by page.
func (n *node) quarantine() (items []map[string]any, raw []byte) {
	n.t.Helper()
	return n.list("/api/v1/quarantine?limit=20")
}

// list reads a list of the API, page by page; path has a query.
func (n *node) list(path string) (items []map[string]any, raw []byte) {
	n.t.Helper()
	cursor := ""
	for {
		status, body := n.get(path + "&cursor=" + cursor)
		if status != http.StatusOK {
			n.t.Fatalf("%s: %d %s", path, status, body)
		}
		var page struct {
			Items      []map[string]any `json:"items"`
			NextCursor *string          `json:"next_cursor"`
		}
		if err := json.Unmarshal(body, &page); err != nil {
			n.t.Fatal(err)
		}
		items, raw = append(items, page.Items...), append(raw, body...)
		if page.NextCursor == nil || *page.NextCursor == "" {
			return items, raw
		}
		cursor = *page.NextCursor
	}
}

func eventually(t *testing.T, limit time.Duration, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("not within %v: %s", limit, what)
}

// tree reads every file below dir.
func tree(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && !d.Type().IsRegular() {
			return nil // it went while the node ran
		}
		b, err := os.ReadFile(p)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		files[p] = b
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// configure adds sections to the configuration of a node that does not run.
func (n *node) configure(sections string) {
	n.t.Helper()
	f, err := os.OpenFile(n.config, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		n.t.Fatal(err)
	}
	if _, err = f.WriteString("\n" + sections); err != nil {
		n.t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		n.t.Fatal(err)
	}
}
