package policy

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// Limits of a host name: RFC 1035, section 2.3.4, without the final dot. What is
// written with escapes of IDNA may be longer before it is normal.
const (
	maxHost    = 253
	maxLabel   = 63
	maxRawHost = 1024
)

// The ways in which a host is none. They never quote it: a client may have put a
// secret there.
var (
	errHostEmpty   = errors.New("host is empty")
	errHostLong    = errors.New("host is longer than 253 bytes, or a label of it than 63")
	errHostChar    = errors.New("host holds a character that no host has")
	errHostZone    = errors.New("host is an address with a zone, which has a meaning on one machine only")
	errHostBracket = errors.New("host has brackets around what is no IPv6 address")
	errHostNumber  = errors.New("host ends in a number but is no IPv4 address")
	errHostIDN     = errors.New("host is no valid internationalised name (RFC 5891)")
	errHostAddress = errors.New("host holds a colon but is no IPv6 address")
)

// NormalHost brings a host, as a client may write it, into the one form in which
// rules and requests are compared: lower case, without a final dot, A-labels
// (RFC 5890), addresses in canonical form without brackets, IPv4 also when it was
// written in hexadecimal, octal, as one number (as inet_aton reads it) or mapped
// into IPv6. What has no such form, or more than one, is refused.
func NormalHost(host string) (string, error) {
	switch {
	case host == "":
		return "", errHostEmpty
	case len(host) > maxRawHost:
		return "", errHostLong
	case strings.Contains(host, "%"):
		return "", percentError(host)
	case host[0] == '[' || host[len(host)-1] == ']':
		return bracketed(host)
	case strings.Contains(host, ":"):
		return address6(host)
	}
	name, err := asciiName(host)
	if err != nil {
		return "", err
	}
	return nameOrNumber(strings.TrimSuffix(name, "."))
}

// percentError tells zones from percent escapes; neither has a normal form.
func percentError(host string) error {
	if strings.Contains(host, ":") {
		return errHostZone
	}
	return errHostChar
}

func bracketed(host string) (string, error) {
	inner, opened := strings.CutPrefix(host, "[")
	inner, closed := strings.CutSuffix(inner, "]")
	if !opened || !closed || !strings.Contains(inner, ":") {
		return "", errHostBracket
	}
	return address6(inner)
}

func address6(host string) (string, error) {
	a, err := netip.ParseAddr(host)
	if err != nil {
		return "", errHostAddress
	}
	return a.Unmap().String(), nil
}

// asciiName maps what is not ASCII (full-width digits, ideographic full stops,
// letters of other scripts) as UTS 46 says, and lower-cases the rest.
func asciiName(host string) (string, error) {
	if !isASCII(host) {
		mapped, err := idna.Lookup.ToASCII(host)
		if err != nil {
			return "", errHostIDN
		}
		host = mapped
	}
	return strings.ToLower(host), nil
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// nameOrNumber gets a name in lower-case ASCII without its final dot.
func nameOrNumber(name string) (string, error) {
	if err := checkName(name); err != nil {
		return "", err
	}
	if !endsInNumber(name) {
		return name, checkALabels(name)
	}
	a, ok := address4(name)
	if !ok {
		return "", errHostNumber
	}
	return a.String(), nil
}

func checkName(name string) error {
	if name == "" {
		return errHostEmpty
	}
	if len(name) > maxHost {
		return errHostLong
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" {
			return errHostChar
		}
		if len(label) > maxLabel {
			return errHostLong
		}
	}
	for i := range len(name) {
		if !hostByte(name[i]) {
			return errHostChar
		}
	}
	return nil
}

// hostByte reports whether a normal name holds c. The underscore is no letter of
// host names, but service records and container networks have it.
func hostByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_'
}

// checkALabels refuses an A-label that does not come back from its U-label: two
// spellings of it would be one host.
func checkALabels(name string) error {
	if !strings.Contains(name, "xn--") {
		return nil
	}
	for label := range strings.SplitSeq(name, ".") {
		if !strings.HasPrefix(label, "xn--") {
			continue
		}
		u, err := idna.Lookup.ToUnicode(label)
		if err != nil {
			return errHostIDN
		}
		if back, err := idna.Lookup.ToASCII(u); err != nil || back != label {
			return errHostIDN
		}
	}
	return nil
}

// endsInNumber reports whether a resolver may take a name for an IPv4 address: its
// last label is a number (the WHATWG URL standard's "ends in a number").
func endsInNumber(name string) bool {
	last := name[strings.LastIndexByte(name, '.')+1:]
	if digits(last, 10) {
		return true
	}
	hex, ok := strings.CutPrefix(last, "0x")
	return ok && (hex == "" || digits(hex, 16))
}

func digits(s string, base int) bool {
	for i := range len(s) {
		c := s[i]
		if !(c >= '0' && c <= '9' || base == 16 && c >= 'a' && c <= 'f') {
			return false
		}
	}
	return s != ""
}

// address4 reads IPv4 as inet_aton does: one to four parts, each decimal, octal
// (0...) or hexadecimal (0x...), the last filling what is left.
func address4(name string) (netip.Addr, bool) {
	parts := strings.Split(name, ".")
	if len(parts) > 4 {
		return netip.Addr{}, false
	}
	var sum uint64
	for i, part := range parts {
		n, ok := number(part)
		last := i == len(parts)-1
		if !ok || !last && n > 255 || last && n >= 1<<(8*(5-len(parts))) {
			return netip.Addr{}, false
		}
		if last {
			sum |= n
		} else {
			sum |= n << (8 * (3 - i))
		}
	}
	return netip.AddrFrom4([4]byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)}), true
}

func number(part string) (uint64, bool) {
	base := 10
	if hex, ok := strings.CutPrefix(part, "0x"); ok {
		if hex == "" {
			return 0, true // as inet_aton and browsers have it
		}
		part, base = hex, 16
	} else if len(part) > 1 && part[0] == '0' {
		part, base = part[1:], 8
	}
	n, err := strconv.ParseUint(part, base, 32)
	return n, err == nil
}

// isNormal is a quick look whether a host has the form that NormalHost gives. It
// returns the address if it is one. It allocates nothing.
func isNormal(host string) (addr netip.Addr, ok bool) {
	if host == "" || len(host) > maxHost {
		return addr, false
	}
	colon, dot := false, true
	for i := range len(host) {
		c := host[i]
		colon = colon || c == ':'
		if !hostByte(c) && c != ':' || c == '.' && dot && !colon {
			return addr, false
		}
		dot = c == '.'
	}
	if !colon && (dot || !endsInNumber(host)) {
		return addr, !dot
	}
	addr, err := netip.ParseAddr(host)
	if err != nil || addr.Is4In6() {
		return addr, false
	}
	var buf [48]byte // an address may be written in more than one way (RFC 5952)
	return addr, string(addr.AppendTo(buf[:0])) == host
}

// hostPort writes a destination as people type it.
func hostPort(host string, port uint16) string {
	if port == 0 {
		return host
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return host + ":" + strconv.Itoa(int(port))
}
