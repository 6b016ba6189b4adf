//go:build servers

package e2e

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"math/rand/v2"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/testdebian"
	"go.cordon.dev/cordon/internal/testport"
)

// claim is a service of the decky that is probed, and what nmap makes of it. A
// kind whose port needs no rights has its own: some servers nmap looks for only
// where they are usual.
type claim struct {
	kind, port, config     string
	name, product, version string
}

func claims() []claim {
	return []claim{
		{kind: "ssh", config: "{patch: 7, accept: {users: [root], after: 0, passwords: [" + rightPassword() + "]}}", name: "ssh", product: "OpenSSH", version: "9.2p1 Debian 2+deb12u7"},
		{kind: "ftp", config: "{accept: {users: [root], after: 0, passwords: [" + rightPassword() + "]}}", name: "ftp", product: "vsftpd", version: "3.0.3"},
		{kind: "telnet", config: "{accept: {users: [root], after: 0, passwords: [" + rightPassword() + "]}}", name: "telnet"}, // nor does it name Debian's own
		{kind: "http", config: "{basic: Staff}", name: "http", product: "nginx", version: "1.22.1"},
		{kind: "redis", port: "6379", config: "{}", name: "redis", product: "Redis key-value store", version: "7.0.15"},
		{kind: "postgres", port: "5432", config: "{}", name: "postgresql", product: "PostgreSQL DB", version: "9.6.0 or later"}, // it knows none later than 14 better
		{kind: "mysql", port: "3306", config: "{}", name: "mysql", product: "MySQL", version: "5.5.5-10.11.19-MariaDB-0+deb12u1"},
	}
}

func rightPassword() string { return strings.Repeat("right", 2) }

// trap is a node with one decky that has all the services.
type trap struct {
	*node
	address string
	ports   map[string]string // by kind
}

// newTrap may give kinds another configuration.
func newTrap(t *testing.T, configs map[string]string) *trap {
	t.Helper()
	d := &trap{address: loopback(t), ports: map[string]string{}}
	var services []string
	for _, c := range claims() {
		if d.ports[c.kind] = c.port; c.port == "" {
			_, d.ports[c.kind], _ = net.SplitHostPort(testport.Addr(t))
		}
		c.config = cmp.Or(configs[c.kind], c.config)
		services = append(services, fmt.Sprintf("{kind: %s, port: %s, config: %s}", c.kind, d.ports[c.kind], c.config))
	}
	d.node = newNode(t, fmt.Sprintf("deception: {deckies: [{name: bait, archetype: linux-server, address: %s, services: [%s]}]}\n", d.address, strings.Join(services, ", ")))
	d.start()
	return d
}

// loopback is an address of this machine that no other test uses, so that usual
// ports are free there.
func loopback(t *testing.T) string {
	t.Helper()
	for range 100 {
		address := fmt.Sprintf("127.%d.%d.%d", 64+rand.IntN(190), rand.IntN(256), 1+rand.IntN(254))
		if usualPortsAreFree(address) {
			return address
		}
	}
	t.Fatal("a server of this machine has a usual port on all addresses; stop it, then run this again")
	return ""
}

func usualPortsAreFree(address string) bool {
	for _, c := range claims() {
		l, err := net.Listen("tcp", net.JoinHostPort(address, c.port))
		if err != nil {
			return false
		}
		_ = l.Close()
	}
	return true
}

// at is where a kind listens.
func (d *trap) at(kind string) string { return net.JoinHostPort(d.address, d.ports[kind]) }

// scan is what nmap writes.
type scan struct {
	Ports []struct {
		ID      string `xml:"portid,attr"`
		Service struct {
			Name    string `xml:"name,attr"`
			Product string `xml:"product,attr"`
			Version string `xml:"version,attr"`
			Method  string `xml:"method,attr"`
		} `xml:"service"`
	} `xml:"host>ports>port"`
}

// nmap looks at all ports of the decky as somebody without rights does.
func (d *trap) nmap() scan {
	d.t.Helper()
	program, ports := testdebian.Program(d.t, "nmap", "nmap"), []string{}
	for _, p := range d.ports {
		ports = append(ports, p)
	}
	args := []string{"-sT", "-sV", "-Pn", "-n", "-oX", "-", "-p", strings.Join(ports, ","), d.address}
	if shared := filepath.Join(filepath.Dir(program), "usr", "share", "nmap"); filepath.Base(program) != "nmap" {
		args = append(args, "--datadir", shared) // of the unpacked package
	}
	out, err := exec.Command(program, args...).Output()
	if err != nil {
		d.t.Fatalf("nmap: %v\n%s", err, out)
	}
	var s scan
	mustDo(d.t, xml.Unmarshal(out, &s))
	return s
}

// nmap names each service and version as the decky claims, and as it names the
// real server.
func TestNmapNamesEachService(t *testing.T) {
	t.Parallel()
	d := newTrap(t, nil)
	found := d.nmap()
	if len(found.Ports) != len(claims()) {
		t.Fatalf("nmap sees %d ports of %d: %+v", len(found.Ports), len(claims()), found)
	}
	for _, c := range claims() {
		for _, p := range found.Ports {
			got := p.Service
			if p.ID == d.ports[c.kind] && (got.Name != c.name || got.Product != c.product || got.Version != c.version || got.Method != "probed") {
				t.Errorf("%s: nmap names it %+v, want %s, %s %s", c.kind, got, c.name, c.product, c.version)
			}
		}
	}
	if tried := d.credentials(); len(tried) > 0 {
		t.Errorf("a look at versions is no login, and %d are taken down: %+v", len(tried), tried)
	}
	d.stop()
}
