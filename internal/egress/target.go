package egress

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// target is a destination in normal form.
type target struct {
	host string // as policy.NormalHost gives it
	port uint16
}

func (t target) String() string { return net.JoinHostPort(t.host, strconv.Itoa(int(t.port))) }

// hostField is the target as a Host field of HTTP has it, without the port that is
// standard for the scheme.
func (t target) hostField(standard uint16) string {
	host := t.host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if t.port == standard {
		return host
	}
	return host + ":" + strconv.Itoa(int(t.port))
}

// literal is the address that the host is; ok is false for a name.
func (t target) literal() (netip.Addr, bool) {
	a, err := netip.ParseAddr(t.host)
	return a, err == nil
}

// newTarget brings a host into normal form.
func newTarget(host string, port uint16) (target, error) {
	normal, err := policy.NormalHost(host)
	if err != nil {
		return target{}, fmt.Errorf("the host is no host: %w", err)
	}
	return target{normal, port}, nil
}

// parseAuthority reads host[:port], with brackets around IPv6 addresses. Without
// a port it is standard's; standard 0 means that there must be one.
func parseAuthority(text string, standard uint16) (target, error) {
	if strings.ContainsRune(text, '@') {
		return target{}, fmt.Errorf("the host has user information before it")
	}
	host, port, err := splitAuthority(text)
	if err != nil {
		return target{}, err
	}
	n := standard
	if port != "" {
		if n, err = parsePort(port); err != nil {
			return target{}, err
		}
	}
	if n == 0 {
		return target{}, fmt.Errorf("the port is missing")
	}
	return newTarget(host, n)
}

func splitAuthority(text string) (host, port string, err error) {
	if rest, ok := strings.CutPrefix(text, "["); ok {
		host, rest, ok = strings.Cut(rest, "]")
		if !ok || !strings.Contains(host, ":") || rest != "" && rest[0] != ':' {
			return "", "", fmt.Errorf("the brackets of the host are not around an IPv6 address")
		}
		return host, strings.TrimPrefix(rest, ":"), nil
	}
	host, port, _ = strings.Cut(text, ":")
	if strings.Contains(port, ":") {
		return "", "", fmt.Errorf("an IPv6 address stands without brackets")
	}
	return host, port, nil
}

// parsePort takes 1 to 65535 in digits, without leading zeros.
func parsePort(s string) (uint16, error) {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || n == 0 || s[0] == '0' || s[0] == '+' {
		return 0, fmt.Errorf("the port is no number from 1 to 65535")
	}
	return uint16(n), nil
}

// link is a destination and what of it is asked for.
type link struct {
	target
	path string // path and query, as they came
}

// authorityOf is host and port of a URL, as they were written.
func authorityOf(url string) string {
	_, rest, _ := strings.Cut(url, "://")
	if i := strings.IndexAny(rest, "/?\\"); i >= 0 {
		return rest[:i]
	}
	return rest
}

// parseLink reads an absolute http URL.
func parseLink(text string) (link, error) {
	scheme, rest, ok := strings.Cut(text, "://")
	switch {
	case strings.HasPrefix(text, "/") || text == "*":
		return link{}, fmt.Errorf("the request names no host: this is a proxy, and wants http://host/path")
	case !ok:
		return link{}, fmt.Errorf("the request target is no URL")
	case strings.EqualFold(scheme, "https"):
		return link{}, fmt.Errorf("a proxy gets https:// by CONNECT, not by asking for the URL in the clear")
	case !strings.EqualFold(scheme, "http"):
		return link{}, fmt.Errorf("the scheme is not http")
	}
	authority, path := rest, "/"
	if i := strings.IndexAny(rest, "/?\\"); i >= 0 {
		authority, path = rest[:i], rest[i:]
	}
	if path[0] == '?' {
		path = "/" + path
	}
	if path[0] != '/' {
		return link{}, fmt.Errorf("the URL has a backslash where its path begins")
	}
	t, err := parseAuthority(authority, 80)
	return link{t, path}, err
}

// cleanPath is the path that a policy compares: without the query, and empty
// when servers could disagree about what it names.
func (l link) cleanPath() string {
	path, _, _ := strings.Cut(l.path, "?")
	clean, ok := policy.CleanPath(path)
	if !ok {
		return ""
	}
	return clean
}
