package capture

import (
	"net/netip"
	"strings"

	"go.cordon.dev/cordon/internal/deception/service"
)

// proxyHeaders name the client behind a proxy, the one that is believed first
// first: Forwarded is RFC 7239's, the others are customs of proxies and of the
// networks that hide servers.
func proxyHeaders() []string {
	return []string{"Forwarded", "X-Forwarded-For", "X-Real-IP", "True-Client-IP", "CF-Connecting-IP"}
}

// claimed is the address that a request of HTTP names as its client's, and the
// header that does: the left-most that can be read of the first header that has
// one. A service records each header as a field with the header's name; of one that
// does not, the lines of what was sent are read.
func claimed(o service.Observation) (address, header string) {
	if o.Type != service.Request {
		return "", ""
	}
	for _, name := range proxyHeaders() {
		for _, value := range headers(o, name) {
			if a, ok := leftMost(name, value); ok {
				return a.String(), name
			}
		}
	}
	return "", ""
}

// headers are the values of a header, in their order.
func headers(o service.Observation, name string) (values []string) {
	for _, f := range o.Fields {
		if strings.EqualFold(f.Name, name) {
			values = append(values, f.Value)
		}
	}
	if values != nil {
		return values
	}
	for line := range strings.Lines(string(o.Raw)) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			return values // the body is not the client's address
		}
		if key, value, ok := strings.Cut(line, ":"); ok && strings.EqualFold(key, name) {
			values = append(values, value)
		}
	}
	return values
}

func leftMost(name, value string) (netip.Addr, bool) {
	for part := range strings.SplitSeq(value, ",") {
		if name == "Forwarded" {
			part = forwardedFor(part)
		}
		if a, ok := address(part); ok {
			return a, true
		}
	}
	return netip.Addr{}, false
}

// forwardedFor is the value of for= in an element of Forwarded; empty when there is
// none.
func forwardedFor(element string) string {
	for pair := range strings.SplitSeq(element, ";") {
		key, value, ok := strings.Cut(pair, "=")
		if ok && strings.EqualFold(strings.TrimSpace(key), "for") {
			return value
		}
	}
	return ""
}

// address reads an address with or without quotes, brackets and port, as in
// `192.0.2.1`, `"192.0.2.1:80"`, `2001:db8::1` and `"[2001:db8::1]:80"`.
func address(s string) (netip.Addr, bool) {
	s = strings.Trim(strings.TrimSpace(s), `"`)
	if p, err := netip.ParseAddrPort(s); err == nil {
		return p.Addr().Unmap().WithZone(""), true
	}
	s = strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")
	a, err := netip.ParseAddr(s)
	return a.Unmap().WithZone(""), err == nil
}
