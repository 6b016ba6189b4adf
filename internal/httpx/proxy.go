package httpx

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// maxHops bounds how many proxies of a chain are looked at.
const maxHops = 32

// ParsePrefixes reads networks, written 10.0.0.0/8, or single addresses.
func ParsePrefixes(list []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, text := range list {
		if a, err := netip.ParseAddr(text); err == nil {
			a = a.Unmap().WithZone("")
			out = append(out, netip.PrefixFrom(a, a.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(text)
		if err != nil || p != p.Masked() {
			return nil, fmt.Errorf("%q is no network such as 10.0.0.0/8 and no address such as 192.0.2.7", text)
		}
		out = append(out, p)
	}
	return out, nil
}

func within(list []netip.Prefix, a netip.Addr) bool {
	for _, p := range list {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

type overTLSKey struct{}

// OverTLS reports whether a request came over TLS, to this server or to a
// trusted proxy in front of it.
func OverTLS(r *http.Request) bool {
	proxied, _ := r.Context().Value(overTLSKey{}).(bool)
	return r.TLS != nil || proxied
}

// BehindProxies makes RemoteAddr the client's address where the peer is a
// trusted proxy: X-Forwarded-For is read from its right end, where each proxy
// wrote what it saw itself, up to the first address that is no trusted proxy's.
// What stands left of that, anyone can have sent. Whoever is no trusted proxy
// cannot claim anything. Without trusted proxies next is returned.
func BehindProxies(next http.Handler, trusted []netip.Prefix) http.Handler {
	if len(trusted) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer := remoteAddr(r)
		if !peer.IsValid() || !within(trusted, peer) {
			next.ServeHTTP(w, r)
			return
		}
		ctx := context.WithValue(r.Context(), overTLSKey{}, strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https"))
		r = r.WithContext(ctx)
		r.RemoteAddr = net.JoinHostPort(client(r.Header.Values("X-Forwarded-For"), peer, trusted).String(), "0")
		next.ServeHTTP(w, r)
	})
}

// client is the last address in the chain that a trusted proxy vouches for.
func client(headers []string, peer netip.Addr, trusted []netip.Prefix) netip.Addr {
	hops := strings.Split(strings.Join(headers, ","), ",")
	for n := 0; n < maxHops && len(hops) > 0 && within(trusted, peer); n++ {
		hop, ok := parseHop(strings.TrimSpace(hops[len(hops)-1]))
		if !ok {
			return peer
		}
		peer, hops = hop, hops[:len(hops)-1]
	}
	return peer
}

// parseHop reads an address with or without a port; some proxies write one.
func parseHop(text string) (netip.Addr, bool) {
	if ap, err := netip.ParseAddrPort(text); err == nil {
		return ap.Addr().Unmap().WithZone(""), true
	}
	a, err := netip.ParseAddr(strings.Trim(text, "[]"))
	return a.Unmap().WithZone(""), err == nil
}

// remoteAddr is the address of a request's peer; invalid when it has none.
func remoteAddr(r *http.Request) netip.Addr {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr().Unmap().WithZone("")
}

// Allow turns away whoever's address is in none of the networks. It stands
// behind BehindProxies. Without networks next is returned.
func Allow(next http.Handler, networks []netip.Prefix) http.Handler {
	if len(networks) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a := remoteAddr(r); !a.IsValid() || !within(networks, a) {
			NewProblem(http.StatusForbidden, "your address is not let in; ask whoever runs this server to add it to api.allow").Write(w)
			return
		}
		next.ServeHTTP(w, r)
	})
}
