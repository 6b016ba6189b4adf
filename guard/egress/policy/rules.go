package policy

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// maxText bounds descriptions, names of programs and the like.
const maxText = 2000

// readRule reads one rule; what is wrong with it goes to the reader.
func readRule(m *mapping, deny bool) Rule {
	rule := Rule{Line: m.line, Deny: deny, ID: readID(m)}
	readHost(m, &rule)
	rule.Ports = append(rule.Ports, readPorts(m)...)
	rule.Description = plainText(m, "description")
	if deny {
		if reason := plainText(m, "reason"); reason != "" {
			rule.Description = reason
		}
	} else {
		readConditions(m, &rule)
	}
	readWhen(m, &rule)
	// who wrote a rule, as an older program notes it: for people
	plainText(m, "added_by")
	plainText(m, "added_date")
	return rule
}

// readConditions reads what only a rule of the allowlist has.
func readConditions(m *mapping, rule *Rule) {
	rule.Protocols = readProtocols(m)
	rule.Methods = readMethods(m)
	rule.Paths = readPaths(m)
	rule.Tools = readTools(m)
	rule.Addresses = readAddresses(m)
	rule.Credentials = readCredentials(m)
	for _, v := range m.items("programs") {
		rule.Programs = append(rule.Programs, readProgram(v))
	}
	for _, v := range m.items("windows") {
		rule.Windows = append(rule.Windows, readWindow(v))
	}
	rule.Expires = readExpiry(m)
	rule.VerifiedBy = plainText(m, "verified_by")
	if v, ok := m.get("verified_at"); ok {
		rule.VerifiedAt, _ = readTime(v)
	}
	rule.InterceptTLS = readChoice(m, "intercept_tls")
	rule.Budget = readBudget(m)
	checkConditions(m, rule)
	checkTools(m, rule)
}

// checkConditions refuses conditions that contradict each other.
func checkConditions(m *mapping, rule *Rule) {
	if len(rule.Methods) == 0 && len(rule.Paths) == 0 || len(rule.Protocols) == 0 {
		return
	}
	if protocolBits(rule.Protocols)&bitHTTPLike == 0 {
		m.wrong("has methods or paths, and none of its protocols has them", "add http or https to protocols, or remove methods and paths")
	}
}

// readChoice reads true or false, or that nothing is said.
func readChoice(m *mapping, key string) Choice {
	if _, ok := m.get(key); !ok {
		return Unsaid
	}
	if m.flag(key, false) {
		return Yes
	}
	return No
}

func protocolBits(protocols []Protocol) bits {
	var b bits
	for _, p := range protocols {
		b |= p.bit()
	}
	return b
}

// plainText reads a text of one line for people.
func plainText(m *mapping, key string) string {
	v, ok := m.get(key)
	if !ok {
		return ""
	}
	s := v.text()
	if len(s) > maxText || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }) {
		v.wrong(fmt.Sprintf("is longer than %d bytes or holds line breaks, control characters or marks of direction", maxText), "write one short line")
		return ""
	}
	return s
}

// readID holds ids to what can stand in a header, a log and a shell.
func readID(m *mapping) string {
	v, ok := m.get("id")
	if !ok {
		return ""
	}
	id := v.text()
	bad := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._:/*#-", r))
	}
	if id == "" || len(id) > 200 || strings.ContainsFunc(id, bad) {
		v.wrong("is no id", "use up to 200 letters, digits and . _ : / * # -")
		return ""
	}
	return id
}

func readHost(m *mapping, rule *Rule) {
	v, ok := m.get("host")
	older, old := m.get("domain")
	switch {
	case ok && old:
		older.wrong("means the same as host", "keep one of them")
	case old: // whose older writers put the port there as well
		target, err := ParseTarget(older.text())
		if err != nil {
			older.wrong(err.Error(), hostHint)
		}
		rule.Host, rule.Ports = target.Host, target.Ports
	case !ok:
		m.wrong("has no host", hostHint)
	default:
		readRuleHost(v, rule)
	}
}

const hostHint = "write a name, *.suffix, an address or a CIDR"

func readRuleHost(v value, rule *Rule) {
	host, err := ruleHost(v.text())
	if err != nil {
		hint := hostHint
		if t, terr := ParseTarget(v.text()); terr == nil && len(t.Ports) > 0 {
			hint = fmt.Sprintf("write host: %s and ports: [%s]", t.Host, t.Ports[0])
		}
		v.wrong(err.Error(), hint)
		return
	}
	rule.Host = host
	noteForbidden(v, host)
}

// noteForbidden tells that a rule is for what no rule opens.
func noteForbidden(v value, host string) {
	p, isPrefix := prefixOf(host)
	closed := metadataNames[host]
	if isPrefix {
		s, stretch := locate(p.Addr())
		closed = s == forbidden && p.Bits() >= stretch.Bits()
	}
	if closed {
		v.r.notes = append(v.r.notes, Unsupported{v.line, v.key, "no rule opens metadata services and link-local addresses"})
	}
}

// ruleHost brings the host of a rule into normal form.
func ruleHost(host string) (string, error) {
	if host == "*" {
		return host, nil
	}
	if suffix, ok := strings.CutPrefix(host, "*."); ok {
		return ruleSuffix(suffix)
	}
	if strings.Contains(host, "*") {
		return "", fmt.Errorf("an asterisk stands for whole labels at the beginning only, as in *.example.com")
	}
	if strings.Contains(host, "/") {
		return ruleCIDR(host)
	}
	normal, err := NormalHost(host)
	if err != nil {
		return "", err
	}
	if _, err := netip.ParseAddr(normal); err == nil && !strings.Contains(host, ":") && strings.TrimSuffix(host, ".") != normal {
		return "", fmt.Errorf("this is the address %s written otherwise: write it so", normal)
	}
	return normal, nil
}

func ruleSuffix(suffix string) (string, error) {
	normal, err := NormalHost(suffix)
	if err != nil {
		return "", err
	}
	if _, err := netip.ParseAddr(normal); err == nil {
		return "", fmt.Errorf("nothing is below an address: write a CIDR")
	}
	return "*." + normal, nil
}

func ruleCIDR(host string) (string, error) {
	p, err := netip.ParsePrefix(host)
	if err != nil {
		return "", fmt.Errorf("this is no CIDR such as 10.0.0.0/8")
	}
	if a := p.Addr(); a.Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
	}
	if p != p.Masked() {
		return "", fmt.Errorf("the address has bits behind its prefix: write %s", p.Masked())
	}
	return p.String(), nil
}

// String writes a range as rules have it.
func (p PortRange) String() string {
	if p.First == p.Last {
		return strconv.Itoa(int(p.First))
	}
	return fmt.Sprintf("%d-%d", p.First, p.Last)
}

func readPorts(m *mapping) []PortRange {
	var ports []PortRange
	for _, v := range m.items("ports") {
		p, ok := parsePorts(v.text())
		if !ok {
			v.wrong("is no port from 1 to 65535 and no range of them", `write 443 or "8000-8099"; leave ports out for every port`)
			continue
		}
		ports = append(ports, p)
	}
	return ports
}

func parsePorts(s string) (PortRange, bool) {
	from, to, isRange := strings.Cut(s, "-")
	if !isRange {
		to = from
	}
	a, errA := strconv.ParseUint(strings.TrimSpace(from), 10, 16)
	b, errB := strconv.ParseUint(strings.TrimSpace(to), 10, 16)
	return PortRange{uint16(a), uint16(b)}, errA == nil && errB == nil && a > 0 && a <= b
}

func readProtocols(m *mapping) []Protocol {
	v, ok := m.either("protocols", "protocol")
	if !ok {
		return nil
	}
	var protocols []Protocol
	for _, item := range v.items() {
		p := Protocol(item.text())
		if !p.Known() {
			item.wrong("is no protocol that this version tells apart", "known: tcp, udp, http, https, tls, ws, wss, postgres, mysql, redis, mongodb, ssh, smtp, dns, mcp")
			continue
		}
		protocols = append(protocols, p)
	}
	return protocols
}

func readMethods(m *mapping) []string {
	var methods []string
	for _, v := range m.items("methods") {
		s := v.text()
		if s == "" || s == "CONNECT" || len(s) > 32 || strings.ContainsFunc(s, func(r rune) bool { return (r < 'A' || r > 'Z') && r != '-' }) {
			v.wrong("is no HTTP method", "write it in upper case, as in GET; CONNECT is the proxy's, not the destination's")
			continue
		}
		methods = append(methods, s)
	}
	return methods
}

func readPaths(m *mapping) []string {
	var paths []string
	for _, v := range m.items("paths") {
		s := v.text()
		clean, ok := CleanPath(s)
		switch {
		case strings.Contains(s, "*"):
			v.wrong("has an asterisk", "a path is a prefix already: /v1 covers /v1/x, never /v10")
		case !ok || clean != s:
			v.wrong("is no clean path", "begin with a slash, without . or .. or empty segments, and escape only what needs it")
		default:
			paths = append(paths, s)
		}
	}
	return paths
}

const addressesHint = "write the private space that the name may lead to, as in 10.0.0.0/8"

func readAddresses(m *mapping) []string {
	var list []string
	for _, v := range m.items("addresses") {
		host, err := ruleHost(v.text())
		p, isPrefix := prefixOf(host)
		if err != nil || !isPrefix {
			v.wrong("is no address and no CIDR", addressesHint)
			continue
		}
		if s, stretch := locate(p.Addr()); s == public || s == forbidden || p.Bits() < stretch.Bits() {
			v.wrong("is not within private space", addressesHint+"; to public addresses a name may always lead, to metadata services never")
			continue
		}
		list = append(list, host)
	}
	return list
}

func readCredentials(m *mapping) []string {
	var list []string
	for _, v := range m.items("credentials") {
		s := v.text()
		if !credentialWord(s) {
			v.wrong("is neither the id of a detection rule nor a fingerprint", "write it as a finding says it: github-pat, or v1:... for one secret only; never the secret itself")
			continue
		}
		list = append(list, s)
	}
	return list
}

// credentialWord says whether s can be the id of a rule, or a fingerprint.
func credentialWord(s string) bool {
	return s != "" && len(s) <= 200 && !strings.ContainsFunc(s, func(r rune) bool { return !isCredentialRune(r) })
}

func isCredentialRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == ':'
}

// readExpiry reads a moment, or a day, which is then the last.
func readExpiry(m *mapping) time.Time {
	v, ok := m.get("expires")
	if !ok {
		return time.Time{}
	}
	at, day := readTime(v)
	if day {
		return at.AddDate(0, 0, 1)
	}
	return at
}

// readTime reads a day or a moment, in UTC.
func readTime(v value) (at time.Time, day bool) {
	s := v.text()
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t, true
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		v.wrong("is no date and no time", `write "2027-01-31" (the last day) or "2027-01-31T18:00:00Z"`)
	}
	return t.UTC(), false
}
