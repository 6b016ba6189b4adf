package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// server is a running `cordon serve`.
type server struct {
	url string
	key string // an API key that may read
	cmd *exec.Cmd
	log *os.File
}

// serve starts Cordon on a core and waits until it is ready.
func serve(o options, dir, core, hook string) (*server, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	config := filepath.Join(dir, "cordon.yaml")
	if err := os.WriteFile(config, []byte(configuration(o, dir, addr, core, hook)), 0o600); err != nil {
		return nil, err
	}
	key, err := exec.Command(o.cordon, "apikey", "create", "--name", "bench", "--role", "admin", "--config", config).Output()
	if err != nil {
		return nil, fmt.Errorf("making an API key: %w", err)
	}
	s := &server{url: "http://" + addr, key: strings.TrimSpace(string(key)), cmd: exec.Command(o.cordon, "serve", "--config", config)}
	if s.log, err = os.Create(filepath.Join(dir, "log")); err != nil {
		return nil, err
	}
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	return s, s.ready()
}

func configuration(o options, dir, addr, core, hook string) string {
	data := filepath.Join(dir, "data")
	store := o.store
	if store == "" {
		store = "sqlite:" + filepath.Join(data, "cordon.db")
	}
	return fmt.Sprintf(`data: {dir: %q}
api: {listen: %q}
store: {url: %q}
leak: {sources: [{id: bench, kind: hypercore, path: %q}]}
notify: {webhooks: [{id: bench, url: %q, topics: [leak.message.quarantined], allow_private: true}]}
`, data, addr, store, core, hook)
}

func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String(), nil
}

func (s *server) ready() error {
	for range 300 {
		if r, err := http.Get(s.url + "/readyz"); err == nil {
			_ = r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return nil
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	s.stop()
	return fmt.Errorf("cordon serve was not ready within 30 s")
}

func (s *server) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	_ = s.cmd.Wait()
	_ = s.log.Close()
}

// get asks the API for a path below its version.
func (s *server) get(path string) (*http.Response, error) {
	req, err := http.NewRequest(http.MethodGet, s.url+"/api/v1"+path, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+s.key)
	return http.DefaultClient.Do(req)
}
