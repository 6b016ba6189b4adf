package capture

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"go.cordon.dev/cordon/internal/deception/service"
)

// maxHosts is how many hosts of one observation are told; mostHost the longest name that
// DNS knows, in bytes (RFC 1035, 2.3.4).
const (
	maxHosts = 8
	mostHost = 253
)

// hosts are the other machines that a client wants to get something from or to be
// connected to. One whose name would be redacted is left out: a secret may go out in it.
func (r *Recorder) hosts(o service.Observation, s *live) (out []string) {
	for _, host := range named(o) {
		host = strings.TrimSuffix(strings.ToLower(host), ".")
		switch {
		case len(out) == maxHosts:
			return out
		case !isHost(host, o.Local.Addr()) || slices.Contains(out, host):
		case r.plain(s.mask(host)) == host:
			out = append(out, host)
		}
	}
	return out
}

// named are what may be hosts, as the client wrote them.
func named(o service.Observation) []string {
	switch o.Type {
	case service.Fetch:
		return valuesOf(o, "url", func(v string) string {
			u, err := url.Parse(v)
			if err != nil {
				return ""
			}
			return u.Hostname()
		})
	case service.Forward:
		return valuesOf(o, "host", func(v string) string { return strings.Trim(v, "[]") })
	case service.Command, service.Query, service.Request:
		return inText(o)
	}
	return nil
}

func valuesOf(o service.Observation, name string, host func(string) string) (out []string) {
	for _, f := range o.Fields {
		if f.Name == name {
			out = append(out, host(f.Value))
		}
	}
	return out
}

// inText are the hosts of URLs in what was sent, as in ${jndi:ldap://host/x}. Which page
// led a browser here is none of them.
func inText(o service.Observation) (out []string) {
	for line := range strings.Lines(string(o.Raw[:min(len(o.Raw), lookedAt)])) {
		if name, _, ok := strings.Cut(line, ":"); ok && (strings.EqualFold(name, "Referer") || strings.EqualFold(name, "Origin")) {
			continue
		}
		for len(out) < 2*maxHosts {
			_, rest, ok := strings.Cut(line, "://")
			if !ok {
				break
			}
			line = rest
			out = append(out, authority(rest))
		}
	}
	return out
}

// authority is the host at the beginning of a text, without user, password and port.
func authority(text string) string {
	if end := strings.IndexAny(text, "/?#\\\"'`<>(){}|;, \t\r\n"); end >= 0 {
		text = text[:end]
	}
	text = text[strings.LastIndexByte(text, '@')+1:]
	if inside, _, ok := strings.Cut(strings.TrimPrefix(text, "["), "]"); ok {
		return inside
	}
	host, _, _ := strings.Cut(text, ":")
	return host
}

// isHost reports whether a text can be another machine: an address, or a name with a
// dot in it.
func isHost(host string, local netip.Addr) bool {
	if a, err := netip.ParseAddr(host); err == nil {
		a = a.Unmap()
		return a != local.Unmap() && !a.IsLoopback() && !a.IsUnspecified()
	}
	return len(host) <= mostHost && strings.Contains(strings.Trim(host, "."), ".") && strings.Trim(host, "abcdefghijklmnopqrstuvwxyz0123456789.-_") == ""
}
