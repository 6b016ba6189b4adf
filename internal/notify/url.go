package notify

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// CheckURL reports why a webhook's address cannot be used. It looks at the
// text only; where a name leads is judged when the connection is made. Its
// errors name the host at most: user, path and query may be credentials.
func CheckURL(raw string, allowPrivate bool) error {
	u, err := url.Parse(raw)
	if err != nil { // not wrapped: its text holds the URL
		return errors.New("url is malformed; it looks like https://host/path")
	}
	if !slices.Contains(schemes(), u.Scheme) {
		return errors.New("url does not begin with https://, http://, smtps://, smtp:// or syslog+tls://, syslog+tcp://, syslog+udp://")
	}
	if u.Hostname() == "" {
		return errors.New("url names no host; it looks like https://host/path")
	}
	if u.Fragment != "" {
		return errors.New("url has a fragment (#...), which is never sent; remove it")
	}
	if p, err := strconv.Atoi(u.Port()); u.Port() != "" && (err != nil || p < 1 || p > 65535) {
		return fmt.Errorf("port of %s is not between 1 and 65535", u.Hostname())
	}
	if disguised(u.Hostname()) {
		return fmt.Errorf("host %.80q is a number; write an address as four decimal numbers, such as 192.0.2.7", u.Hostname())
	}
	if !allowPrivate && private(u.Hostname()) {
		return fmt.Errorf("%s is a loopback or private address; set allow_private: true to permit it", u.Hostname())
	}
	return nil
}

// schemes are those of all formats.
func schemes() []string {
	return []string{"https", "http", "smtps", "smtp", "syslog+tls", "syslog+tcp", "syslog+udp"}
}

// disguised recognises addresses in spellings that some resolvers take for one
// and no person reads as one: 2130706433, 0x7f000001, 127.1, 0177.0.0.1. A
// name of DNS never ends in a number (WHATWG URL, "ends in a number checker").
func disguised(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil && ip.IsValid() {
		return false
	}
	labels := strings.Split(strings.TrimSuffix(strings.ToLower(host), "."), ".")
	last := labels[len(labels)-1]
	if hex, ok := strings.CutPrefix(last, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return last != "" && strings.Trim(last, "0123456789") == ""
}

// private recognises what is private by its spelling, to tell early.
func private(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	ip = ip.Unmap()
	return ip.IsLoopback() || ip.IsPrivate() || ip.IsUnspecified() || ip.IsLinkLocalUnicast() || ip.IsMulticast()
}

// hostOf is the part of a webhook's address that may be written down.
func hostOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return "(malformed url)"
	}
	return u.Host
}

// inClear reports whether the address sends alerts unencrypted.
func inClear(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil {
		return false
	}
	switch u.Scheme {
	case "http", "syslog+tcp", "syslog+udp":
		return true
	case "smtp":
		return u.Query().Get("tls") == "none"
	}
	return false
}
