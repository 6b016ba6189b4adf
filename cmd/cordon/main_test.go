package main

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"go.cordon.dev/cordon/internal/app"
	"go.cordon.dev/cordon/internal/store/storetest"
	"go.cordon.dev/cordon/internal/testport"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"cordon":       func() { os.Exit(app.Main(os.Args[1:])) },
		"holder":       holder,
		"mcpserver":    mcpServer,
		"unprivileged": unprivileged,
	})
}

// TestScript runs testdata/script/*.txtar: the command line's specification.
// Besides testscript's own commands there are
//
//	plant FILE TEXT      writes TEXT, in which, quoted or not, $GITHUB, $AWS and $GITHUB_B64 are fake secrets
//	port NAME            sets NAME to a free loopback address
//	ready ADDR           waits until the server at ADDR is ready
//	nowhere DIR TEXT...  fails when a file below DIR holds one of the texts
//	exits CODE PROG ...  runs a program, which must end with this code
//	first PATTERN NAME   sets NAME to what the first group of PATTERN matches in the last standard output
//	lines N FILE PROG ... runs a program until it has written N lines, to FILE, and interrupts it; it must exit 0
//	shows TEXT PROG ...  runs a program until its standard output holds TEXT
//	endpoint NAME DIR    sets NAME to the address of an HTTP endpoint that answers with the status in DIR/status and appends what it gets to DIR/got
//	tell ADDR LINE...    sends lines, in which $NAMES stand for their values, and waits for an answer to each
//	report DIR FILE      sends FILE to POST /api/v1/events of the server with the data directory DIR
//	token FILE NAME      sets NAME to the token of the setup link in FILE
func TestScript(t *testing.T) {
	fixtures, err := filepath.Abs(filepath.Join("..", "..", "hypercore", "testdata"))
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			// Put together here, so that no file of the repository holds them.
			github := "ghp" + "_" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8" // cordon:allow
			e.Setenv("GITHUB", github)
			e.Setenv("GITHUB_B64", base64.StdEncoding.EncodeToString([]byte("token: "+github)))
			e.Setenv("AWS", "AKIA"+"Q3EGUXT5ZLBM2WKH") // cordon:allow
			e.Setenv("CORES", fixtures)
			e.Setenv("XDG_STATE_HOME", filepath.Join(e.WorkDir, "state"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"plant": plant, "port": port, "ready": ready, "nowhere": nowhere, "exits": exits, "token": token, "first": first, "lines": lines, "endpoint": endpoint, "shows": shows, "tell": tell,
			"report": report,
		},
	})
}

// first sets NAME to what the first group of PATTERN matches in the last
// command's standard output.
func first(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: first PATTERN NAME")
	}
	m := regexp.MustCompile(args[0]).FindStringSubmatch(ts.ReadFile("stdout"))
	if len(m) < 2 {
		ts.Fatalf("no match for %s", args[0])
	}
	ts.Setenv(args[1], m[1])
}

// lines follows a program that does not end by itself.
func lines(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	cmd := exec.Command(args[2], args[3:]...)
	cmd.Env = os.Environ()
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	var got strings.Builder
	for n, in := 0, bufio.NewScanner(out); n < want && in.Scan(); n++ {
		got.WriteString(in.Text() + "\n")
	}
	ts.Check(cmd.Process.Signal(os.Interrupt))
	ts.Check(cmd.Wait())
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(got.String()), 0o600))
}

// shows runs a program again and again until it says what is to be true.
func shows(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: shows TEXT PROG ARGS...")
	}
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if ts.Exec(args[1], args[2:]...) == nil && strings.Contains(ts.ReadFile("stdout"), args[0]) {
			return
		}
	}
	ts.Fatalf("%s did not show %q within a minute", strings.Join(args[1:], " "), args[0])
}

// tell talks with a server of lines.
func tell(ts *testscript.TestScript, _ bool, args []string) {
	c, err := net.Dial("tcp", args[0])
	ts.Check(err)
	defer func() { _ = c.Close() }()
	ts.Check(c.SetDeadline(time.Now().Add(time.Minute)))
	answers := bufio.NewReader(c)
	for _, line := range args[1:] {
		_, err := fmt.Fprintf(c, "%s\r\n", os.Expand(line, ts.Getenv))
		ts.Check(err)
		_, err = answers.ReadString('\n')
		ts.Check(err)
	}
}

func plant(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: plant FILE TEXT")
	}
	path := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(filepath.Dir(path), 0o700))
	ts.Check(os.WriteFile(path, []byte(os.Expand(args[1], ts.Getenv)+"\n"), 0o600))
}

func port(ts *testscript.TestScript, _ bool, args []string) {
	addr, release, err := testport.Reserve()
	ts.Check(err)
	ts.Defer(release)
	ts.Setenv(args[0], addr)
}

func ready(ts *testscript.TestScript, _ bool, args []string) {
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if r, err := http.Get("http://" + args[0] + "/readyz"); err == nil {
			_ = r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return
			}
		}
	}
	ts.Fatalf("%s was not ready within a minute", args[0])
}

func nowhere(ts *testscript.TestScript, _ bool, args []string) {
	where, searched, err := storetest.Holds(context.Background(), ts.MkAbs(args[0]), args[1:]...)
	ts.Check(err)
	if searched == 0 {
		ts.Fatalf("nothing to search in %s", args[0])
	}
	if where != "" {
		ts.Fatalf("%s holds a secret", where)
	}
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROG ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	code, failed := 0, &exec.ExitError{}
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &failed) {
		code = failed.ExitCode()
	} else {
		ts.Check(err)
	}
	if code != want {
		ts.Fatalf("exit code %d, want %d", code, want)
	}
}

func token(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: token FILE NAME")
	}
	_, token, ok := strings.Cut(strings.TrimSpace(ts.ReadFile(args[0])), "#token=")
	if !ok || token == "" {
		ts.Fatalf("%s holds no setup link", args[0])
	}
	ts.Setenv(args[1], token)
}

func report(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: report DIR FILE")
	}
	socket := filepath.Join(ts.MkAbs(args[0]), "cordon.sock")
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", socket)
	}}
	defer transport.CloseIdleConnections()
	c := http.Client{Transport: transport, Timeout: time.Minute}
	res, err := c.Post("http://cordon/api/v1/events", "application/json", strings.NewReader(ts.ReadFile(args[1])))
	ts.Check(err)
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusAccepted {
		body, _ := io.ReadAll(res.Body)
		ts.Fatalf("%s: %s", res.Status, body)
	}
}

// holder is a program that reads a line and has it in memory until it ends.
func holder() {
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil {
		os.Exit(1)
	}
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
	runtime.KeepAlive(line)
}
