package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// way is one way to the origin.
type way struct {
	name  string
	addr  string // of the proxy; the origin's for the direct way
	proxy bool   // a URL is asked for, and tunnels by CONNECT
	pid   int    // of the proxy; of the origin for the direct way
}

type process struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

type peers struct {
	origin  string
	ways    []way
	gateway *process
	all     []*process
	dir     string // squid's
}

func startPeers(o options) (*peers, error) {
	p := &peers{}
	origin, addr, err := p.self("-role", "origin")
	if err != nil {
		return nil, err
	}
	p.origin = addr
	p.ways = []way{{"direct", addr, false, origin.pid()}}
	relay, relayAddr, err := p.self("-role", "relay", "-to", addr)
	if err != nil {
		return nil, err
	}
	gateway, addr, err := p.self("-role", "gateway")
	if err != nil {
		return nil, err
	}
	p.gateway = gateway
	scanning, scanningAddr, err := p.self("-role", "scanning")
	if err != nil {
		return nil, err
	}
	p.ways = append(p.ways, way{"bare relay", relayAddr, true, relay.pid()}, way{"cordon", addr, true, gateway.pid()}, way{"cordon, scanning", scanningAddr, true, scanning.pid()})
	if o.squid == "" {
		return p, nil
	}
	return p, p.startSquid(o.squid)
}

// self starts this program in a role, and returns the address that it says.
func (p *peers) self(args ...string) (*process, string, error) {
	me, err := os.Executable()
	if err != nil {
		return nil, "", err
	}
	cmd := exec.Command(me, args...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, "", err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, "", err
	}
	if err := cmd.Start(); err != nil {
		return nil, "", err
	}
	pr := &process{cmd, in, bufio.NewReader(out)}
	p.all = append(p.all, pr)
	addr, err := pr.out.ReadString('\n')
	return pr, strings.TrimSpace(addr), err
}

// startSquid runs squid without cache and log, open to this machine.
func (p *peers) startSquid(program string) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	addr := l.Addr().String()
	_ = l.Close() // squid takes it over
	if p.dir, err = os.MkdirTemp("", "cordon-squid-"); err != nil {
		return err
	}
	if err := os.Chmod(p.dir, 0o777); err != nil { // squid changes its user
		return err
	}
	conf := filepath.Join(p.dir, "squid.conf")
	text := fmt.Sprintf("http_port %s\nhttp_access allow all\ncache deny all\naccess_log none\ncache_log %s/cache.log\npid_filename none\ncoredump_dir %s\nshutdown_lifetime 1 seconds\nvia off\nworkers 1\nicon_directory %s\nerror_directory %s\nmime_table %s/mime.conf\nunlinkd_program %s\npinger_enable off\nlogfile_rotate 0\n",
		addr, p.dir, p.dir, p.dir, squidFile(program, "usr/share/squid/errors/templates"), p.dir, squidFile(program, "usr/lib/squid/unlinkd"))
	for name, body := range map[string]string{"squid.conf": text, "mime.conf": ""} {
		if err := os.WriteFile(filepath.Join(p.dir, name), []byte(body), 0o644); err != nil {
			return err
		}
	}
	cmd := exec.Command(program, "-N", "-f", conf)
	if err := cmd.Start(); err != nil {
		return err
	}
	p.all = append(p.all, &process{cmd: cmd})
	for range 100 {
		if c, err := net.Dial("tcp", addr); err == nil {
			_ = c.Close()
			p.ways = append(p.ways, way{"squid", addr, true, cmd.Process.Pid})
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return fmt.Errorf("squid does not answer on %s", addr)
}

// squidFile is where squid, installed or unpacked, has a file of its own,
// without which it does not start. The program is usr/sbin/squid below the root,
// or what test/tools/debian.sh wrote into the root to start it.
func squidFile(program, name string) string {
	beside := filepath.Dir(program)
	for _, root := range []string{beside, filepath.Dir(filepath.Dir(beside))} {
		if unpacked := filepath.Join(root, name); exists(unpacked) {
			return unpacked
		}
	}
	return "/" + name
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func (p *peers) stop() {
	for _, pr := range p.all {
		_ = pr.cmd.Process.Kill()
		_ = pr.cmd.Wait()
	}
	if p.dir != "" {
		_ = os.RemoveAll(p.dir)
	}
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// processorTime is what a process has used so far, in microseconds (proc(5),
// stat, in hundredths of a second).
func processorTime(pid int) (float64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(b), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, fmt.Errorf("no processor time")
	}
	user, err1 := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	return float64(user+system) * 1e4, errors.Join(err1, err2)
}

// resident is the memory of a process, in bytes (proc(5), VmRSS).
func (p *process) resident() (int, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(b), "VmRSS:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0, fmt.Errorf("no VmRSS")
	}
	kb, err := strconv.Atoi(fields[0])
	return kb << 10, err
}
