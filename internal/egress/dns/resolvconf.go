package dns

import (
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/clock"
)

// Bounds of a resolv.conf, and how often it is looked at.
const (
	maxServers  = 3 // as resolv.conf(5) has it
	maxConf     = 64 << 10
	confEvery   = 5 * time.Second
	standardDNS = 53
)

// SystemServers are the name servers that a resolv.conf names, read again when it
// changes. own are Cordon's addresses, which are none of them: it would ask itself.
func SystemServers(path string, c clock.Clock, own func() []netip.AddrPort) (func() []netip.AddrPort, error) {
	servers, err := readConf(path)
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex
	looked := c.Now()
	return func() []netip.AddrPort {
		mu.Lock()
		defer mu.Unlock()
		if now := c.Now(); now.Sub(looked) >= confEvery {
			looked = now
			if again, err := readConf(path); err == nil {
				servers = again
			}
		}
		return without(servers, own())
	}, nil
}

// without leaves out who would ask himself.
func without(servers, own []netip.AddrPort) []netip.AddrPort {
	return slices.DeleteFunc(slices.Clone(servers), func(s netip.AddrPort) bool {
		return slices.ContainsFunc(own, func(o netip.AddrPort) bool {
			return o == s || o.Port() == s.Port() && o.Addr().IsUnspecified() && s.Addr().IsLoopback()
		})
	})
}

func readConf(path string) ([]netip.AddrPort, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("finding the system's name servers: %w", err)
	}
	return parseConf(string(text[:min(len(text), maxConf)])), nil
}

// parseConf reads the lines of a resolv.conf that name servers; others, and what is
// no address, say nothing.
func parseConf(text string) (servers []netip.AddrPort) {
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) < 2 || words[0] != "nameserver" || len(servers) == maxServers {
			continue
		}
		if a, err := netip.ParseAddr(words[1]); err == nil {
			servers = append(servers, netip.AddrPortFrom(a, standardDNS))
		}
	}
	return servers
}
