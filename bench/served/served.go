// Package served starts a real `cordon serve` for a measurement and talks to it as
// any user would. It may import the standard library only.
package served

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Server is a running `cordon serve`.
type Server struct {
	URL string // http://HOST:PORT
	key string // an API key that may do everything
	cmd *exec.Cmd
	log *os.File
}

// Start starts the program of a path with its data and configuration in a folder, and
// waits until it is ready. sections are of the configuration; store is a store.url, and
// empty a SQLite database in the folder. The error tells what the server said.
func Start(program, dir, store, sections string) (*Server, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	config, data := filepath.Join(dir, "cordon.yaml"), filepath.Join(dir, "data")
	if store == "" {
		store = "sqlite:" + filepath.Join(data, "cordon.db")
	}
	// What one user may ask for in a second is far below what is measured.
	text := fmt.Sprintf("data: {dir: %q}\napi: {listen: %q, rate_limit: {per_second: 100000, burst: 100000}}\nstore: {url: %q}\n%s", data, addr, store, sections)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, err
	}
	key, err := exec.Command(program, "apikey", "create", "--name", "bench", "--role", "admin", "--config", config).Output()
	if err != nil {
		return nil, fmt.Errorf("making an API key: %w", err)
	}
	s := &Server{URL: "http://" + addr, key: strings.TrimSpace(string(key)), cmd: exec.Command(program, "serve", "--config", config)}
	if s.log, err = os.Create(filepath.Join(dir, "log")); err != nil {
		return nil, err
	}
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	return s, s.ready()
}

func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String(), nil
}

func (s *Server) ready() error {
	for range 300 {
		if r, err := http.Get(s.URL + "/readyz"); err == nil {
			_ = r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return nil
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	s.Stop()
	said, _ := os.ReadFile(s.log.Name())
	return fmt.Errorf("cordon serve was not ready within 30 s:\n%s", said)
}

// Stop ends the server as an operator would.
func (s *Server) Stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	_ = s.cmd.Wait()
	_ = s.log.Close()
}

// Do asks the API for a path below its version. body is JSON; nil: there is none.
func (s *Server) Do(method, path string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequest(method, s.URL+"/api/v1"+path, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+s.key)
	req.Header.Set("Content-Type", "application/json")
	return http.DefaultClient.Do(req)
}

// SettledMemory is Memory after the garbage of the start is gone.
func (s *Server) SettledMemory() (int, error) {
	time.Sleep(5 * time.Second)
	return s.Memory()
}

// Memory is the server's resident size in MB (proc(5), VmRSS).
func (s *Server) Memory() (int, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(b)) {
		var kb int
		if n, _ := fmt.Sscanf(line, "VmRSS: %d kB", &kb); n == 1 {
			return kb / 1000, nil
		}
	}
	return 0, fmt.Errorf("no VmRSS of process %d", s.cmd.Process.Pid)
}

// Processor is the processor time that the server has used (proc(5), utime and stime, in
// ticks of a hundredth of a second, as on every Linux that Go runs on).
func (s *Server) Processor() (time.Duration, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	text := string(b)
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:]) // from the state, field 3, on
	var user, system int64
	if len(fields) < 13 {
		return 0, fmt.Errorf("stat of process %d is short", s.cmd.Process.Pid)
	}
	if _, err := fmt.Sscan(fields[11]+" "+fields[12], &user, &system); err != nil {
		return 0, err
	}
	return time.Duration(user+system) * 10 * time.Millisecond, nil
}
