// Command path measures the whole way of a secret: appended to a Hypercore by
// Node at a steady rate, found by a real `cordon serve`, stored, and received
// as a webhook. It prints one table.
//
//	go run ./bench/path -cordon bin/cordon -rate 1000 -seconds 20
//
// It may import the standard library only: it is a user from outside.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

type options struct {
	cordon  string
	script  string
	rate    int
	seconds int
	every   int
}

func main() {
	var o options
	flag.StringVar(&o.cordon, "cordon", "bin/cordon", "the binary")
	flag.StringVar(&o.script, "script", "test/hypercore-node/rate.mjs", "the writer")
	flag.IntVar(&o.rate, "rate", 1000, "messages a second")
	flag.IntVar(&o.seconds, "seconds", 20, "how long")
	flag.IntVar(&o.every, "every", 100, "every n-th message has a secret")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "path:", err)
		os.Exit(1)
	}
}

func run(o options) error {
	dir, err := os.MkdirTemp("", "cordon-path-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	hook := newHook()
	defer hook.Close()
	core := filepath.Join(dir, "core")
	server, stop, err := serve(o, dir, core, hook.URL)
	if err != nil {
		return err
	}
	defer stop()
	idle, err := settledMemory(server)
	if err != nil {
		return err
	}
	appended, err := write(o, core)
	if err != nil {
		return err
	}
	took, missing := hook.wait(appended, 30*time.Second)
	busy, err := memory(server)
	if err != nil {
		return err
	}
	report(o, took, missing, idle, busy)
	return nil
}

func report(o options, took []time.Duration, missing int, idle, busy int) {
	slices.Sort(took)
	at := func(p float64) time.Duration {
		if len(took) == 0 {
			return 0
		}
		return took[int(p*float64(len(took)-1))].Round(100 * time.Microsecond)
	}
	fmt.Printf("whole path, %d messages/s for %d s, every %dth with a secret\n\n", o.rate, o.seconds, o.every)
	fmt.Println("| what | measured | goal |")
	fmt.Println("|---|---|---|")
	fmt.Printf("| append -> webhook, p50 | %v | < 20 ms |\n", at(.5))
	fmt.Printf("| append -> webhook, p99 | %v | < 100 ms |\n", at(.99))
	fmt.Printf("| append -> webhook, slowest | %v | |\n", at(1))
	fmt.Printf("| secrets without a webhook | %d of %d | 0 |\n", missing, missing+len(took))
	fmt.Printf("| memory of `cordon serve`, idle | %d MB | < 150 MB |\n", idle)
	fmt.Printf("| memory of `cordon serve`, after the run | %d MB | |\n", busy)
}

// hook receives webhooks and remembers when each position came first.
type hook struct {
	*httptest.Server
	mu    sync.Mutex
	first map[uint64]time.Time
}

func newHook() *hook {
	h := &hook{first: map[uint64]time.Time{}}
	h.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		now := time.Now()
		var e struct {
			Data struct {
				Position uint64 `json:"hypercore_position"`
			} `json:"data"`
		}
		if json.NewDecoder(r.Body).Decode(&e) != nil {
			return
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		if _, known := h.first[e.Data.Position]; !known {
			h.first[e.Data.Position] = now
		}
	}))
	return h
}

// wait returns how long each secret took, and how many never came.
func (h *hook) wait(appended map[uint64]time.Time, limit time.Duration) (took []time.Duration, missing int) {
	for deadline := time.Now().Add(limit); h.count() < len(appended) && time.Now().Before(deadline); {
		time.Sleep(50 * time.Millisecond)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, at := range appended {
		got, ok := h.first[i]
		if !ok {
			missing++
			continue
		}
		took = append(took, got.Sub(at))
	}
	return took, missing
}

func (h *hook) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.first)
}

func serve(o options, dir, core, url string) (pid int, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, nil, err
	}
	addr := l.Addr().String()
	_ = l.Close()
	config := filepath.Join(dir, "cordon.yaml")
	text := fmt.Sprintf(`data: {dir: %q}
api: {listen: %q}
leak: {sources: [{id: bench, kind: hypercore, path: %q}]}
notify: {webhooks: [{id: bench, url: %q, topics: [leak.message.quarantined], allow_private: true}]}
`, filepath.Join(dir, "data"), addr, core, url)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return 0, nil, err
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return 0, nil, err
	}
	cmd := exec.Command(o.cordon, "serve", "--config", config)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return 0, nil, err
	}
	stop = func() { _ = cmd.Process.Signal(syscall.SIGTERM); _ = cmd.Wait(); _ = log.Close() }
	for range 300 {
		if r, err := http.Get("http://" + addr + "/readyz"); err == nil {
			_ = r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return cmd.Process.Pid, stop, nil
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	stop()
	return 0, nil, fmt.Errorf("cordon serve was not ready within 30 s")
}

// write runs the Node writer and returns when it appended each secret.
func write(o options, core string) (map[uint64]time.Time, error) {
	cmd := exec.Command("node", o.script, core, fmt.Sprint(o.rate), fmt.Sprint(o.seconds), fmt.Sprint(o.every))
	cmd.Stdin = strings.NewReader(secrets(o.rate * o.seconds / o.every))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	appended := map[uint64]time.Time{}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var a struct {
			Index uint64  `json:"index"`
			At    float64 `json:"at"`
		}
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			return nil, fmt.Errorf("writer said %q: %w", lines.Text(), err)
		}
		appended[a.Index] = time.UnixMicro(int64(a.At * 1000))
	}
	return appended, cmd.Wait()
}

// secrets makes n distinct AWS key ids.
func secrets(n int) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	var b strings.Builder
	state := uint64(88172645463325252)
	for range n {
		b.WriteString("AKIA")
		for range 16 {
			state ^= state << 13
			state ^= state >> 7
			state ^= state << 17
			b.WriteByte(letters[state>>58&31])
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// settledMemory is the resident size after the start's garbage is gone.
func settledMemory(pid int) (int, error) {
	time.Sleep(5 * time.Second)
	return memory(pid)
}

// memory is the resident size in MB (proc(5), VmRSS).
func memory(pid int) (int, error) {
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(f)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(b)) {
		var kb int
		if n, _ := fmt.Sscanf(line, "VmRSS: %d kB", &kb); n == 1 {
			return kb / 1000, nil
		}
	}
	return 0, fmt.Errorf("no VmRSS of process %d", pid)
}
