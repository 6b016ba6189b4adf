package policy

import (
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// readProgram reads a program: a text is its executable.
func readProgram(v value) ProgramMatch {
	var p ProgramMatch
	if _, isMap := pairsOf(v.node); !isMap {
		p.Exe = v.text()
	} else {
		m := v.mapping()
		p = ProgramMatch{Exe: plainText(m, "exe"), Cmdline: plainText(m, "cmdline"), Cwd: plainText(m, "cwd"), User: plainText(m, "user"), Jail: plainText(m, "jail")}
		m.done()
	}
	switch {
	case p == ProgramMatch{}:
		v.wrong("names no program", "write its path, or one of exe, cmdline, cwd, user, jail")
	case p.Cwd != "" && !strings.HasPrefix(p.Cwd, "/"):
		v.wrong("has a cwd that is no absolute path", "begin it with a slash")
	}
	return p
}

// readWindow reads {days: [mon, fri], from: "08:00", to: "18:00", zone: "+01:00"}.
func readWindow(v value) Window {
	m := v.mapping()
	if m == nil {
		v.wrong("is no window", `write {days: [mon, tue], from: "08:00", to: "18:00", zone: "+01:00"}`)
		return Window{}
	}
	w := Window{From: readMinute(m, "from", 0), To: readMinute(m, "to", 24*60)}
	for _, d := range m.items("days") {
		w.Days = append(w.Days, readDays(d)...)
	}
	w.Offset = readZone(m)
	m.done()
	if w.From == w.To {
		m.wrong("opens and closes at the same time", "leave from and to out for the whole day")
	}
	return w
}

func readMinute(m *mapping, key string, absent int) int {
	v, ok := m.get(key)
	if !ok {
		return absent
	}
	s := v.text()
	if s == "24:00" {
		return 24 * 60
	}
	t, err := time.Parse("15:04", s)
	if err != nil {
		v.wrong("is no time of the day", `write it as "08:30", in quotes`)
	}
	return t.Hour()*60 + t.Minute()
}

// readDays reads a day or a stretch of them, such as mon-fri.
func readDays(v value) []time.Weekday {
	from, to, isRange := strings.Cut(strings.ToLower(v.text()), "-")
	if !isRange {
		to = from
	}
	a, okA := weekday(from)
	b, okB := weekday(to)
	if !okA || !okB {
		v.wrong("is no day of the week", "write mon, tue, wed, thu, fri, sat, sun or mon-fri")
		return nil
	}
	days := []time.Weekday{a}
	for d := a; d != b; {
		d = (d + 1) % 7
		days = append(days, d)
	}
	return days
}

func weekday(s string) (time.Weekday, bool) {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if name := strings.ToLower(d.String()); s == name || s == name[:3] {
			return d, true
		}
	}
	return 0, false
}

// readZone reads a fixed offset. Names of zones would need a database that differs
// between machines.
func readZone(m *mapping) time.Duration {
	v, ok := m.get("zone")
	if !ok {
		return 0
	}
	s := v.text()
	if s == "UTC" || s == "Z" {
		return 0
	}
	t, err := time.Parse("-07:00", s)
	if err != nil {
		v.wrong("is no offset from UTC", `write "+01:00"; without zone it is UTC`)
		return 0
	}
	_, seconds := t.Zone()
	return time.Duration(seconds) * time.Second
}

// Target is the rule's host and ports, as people type them.
func (r Rule) Target() string {
	if len(r.Ports) == 0 {
		return r.Host
	}
	ports := make([]string, len(r.Ports))
	for i, p := range r.Ports {
		ports[i] = p.String()
	}
	host := r.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return host + ":" + strings.Join(ports, ",")
}

// ParseTarget reads HOST, HOST:PORT, [IPV6]:PORT, *.suffix or a CIDR, as people
// write them on a command line, into the host and ports of a rule. Ports may be
// a range or a list, as Target writes them.
func ParseTarget(target string) (Rule, error) {
	host, ports := splitTarget(target)
	normal, err := ruleHost(host)
	if err != nil {
		return Rule{}, err
	}
	rule := Rule{Host: normal}
	if ports == "" {
		return rule, nil
	}
	for part := range strings.SplitSeq(ports, ",") {
		p, ok := parsePorts(part)
		if !ok {
			return Rule{}, fmt.Errorf("the part behind the host is no port from 1 to 65535")
		}
		rule.Ports = append(rule.Ports, p)
	}
	return rule, nil
}

// splitTarget splits off the ports; an address of IPv6 has them behind brackets.
func splitTarget(target string) (host, ports string) {
	if strings.HasPrefix(target, "[") {
		if inside, after, ok := strings.Cut(target[1:], "]:"); ok {
			return inside, after
		}
		return target, ""
	}
	if strings.Count(target, ":") == 1 {
		host, ports, _ = strings.Cut(target, ":")
		if ports == "" {
			return target, "" // a colon with nothing behind it is wrong
		}
		return host, ports
	}
	return target, ""
}

// newMatcher makes a rule ready for requests.
func newMatcher(rule *Rule) *matcher {
	m := &matcher{rule: rule, protocols: protocolBits(rule.Protocols)}
	for _, p := range rule.Programs {
		m.programs = append(m.programs, newProgram(p))
	}
	for _, pattern := range rule.Tools {
		m.tools = append(m.tools, newGlob(pattern))
	}
	for _, host := range append([]string{rule.Host}, rule.Addresses...) {
		if p, ok := prefixOf(host); ok {
			m.spaces = append(m.spaces, p)
		}
	}
	if localName(rule.Host) {
		m.spaces = append(m.spaces, netip.PrefixFrom(netip.AddrFrom4([4]byte{127}), 8), netip.PrefixFrom(netip.IPv6Loopback(), 128))
	}
	verb := "allows"
	if rule.Deny {
		verb = "of the denylist forbids"
	}
	m.detail = fmt.Sprintf("rule %q %s %s", rule.ID, verb, rule.Target())
	return m
}
