package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// Keys that the file of an older program calls otherwise. They are put together
// here because the rest of Cordon says allowlist and denylist.
const (
	olderAllowlist = "white" + "list"
	olderDenylist  = "black" + "list"
)

// Parse reads a policy. The schema is strict: every key is either enforced, or
// listed by Unsupported because a network_access_control.yaml has it, or an
// error. The error joins an *Error for each problem, up to 50; the Policy is then
// nil, which denies everything.
func Parse(doc []byte, options ...Option) (*Policy, error) {
	root, err := parseYAML(doc)
	if err != nil {
		return nil, err
	}
	return build(root, options...)
}

// build makes a policy of a syntax tree.
func build(root ast.Node, options ...Option) (*Policy, error) {
	r := &reader{}
	for _, o := range options {
		o(r)
	}
	top := value{r: r, line: 1, node: root}.mapping()
	if top == nil {
		r.problem(1, "document", "is empty", "begin with the output of cordon egress init")
		return nil, r.err()
	}
	p := &Policy{}
	p.read(top)
	top.done()
	if len(r.problems) > 0 {
		sortByLine(r.problems)
		return nil, r.err()
	}
	slices.SortStableFunc(r.notes, func(a, b Unsupported) int { return a.Line - b.Line })
	p.notes = r.notes
	p.compile()
	return p, nil
}

func sortByLine(problems []error) {
	slices.SortStableFunc(problems, func(a, b error) int { return a.(*Error).Line - b.(*Error).Line })
}

// read takes the parts of a document in the order in which it is usually written.
func (p *Policy) read(top *mapping) {
	for _, key := range []string{"version", "last_updated", "description"} {
		top.text(key)
	}
	p.readSwitches(top)
	p.readLeaks(top.sub("data_leak_prevention"))
	p.readAllowlist(top)
	p.readDenylist(top)
	p.readWebSockets(top.sub("websockets"))
	p.readDatabases(top.sub("databases"))
	p.readDNS(top.sub("dns"))
	p.readTests(top)
	p.readAlerts(top.sub("alerts"))
	top.note("has no effect: what leaves is decided by rules, whichever library or program asks", olderSections()...)
	p.nameRules(top.r)
}

// olderSections are the parts of a network_access_control.yaml that spoke of
// Python libraries and of what is not the network's.
func olderSections() []string {
	return []string{"http_clients", "external_apis", "event_systems", "sockets", "network_file_systems", "monitoring"}
}

func (p *Policy) readSwitches(top *mapping) {
	p.settings.Mode = Mode(oneOf(top, "mode", string(Strict), string(Audit), string(Permissive)))
	p.settings.Default = Result(oneOf(top, "default_policy", string(Deny), string(Allow)))
	global := top.sub("global")
	p.settings.NetworkEnabled = global.flag("network_enabled", true)
	global.note("has no effect in this version", "logging", "alerts", "rate_limiting", "timeout")
	global.done()
	emergency := top.sub("emergency")
	p.settings.KillSwitch = emergency.flag("kill_switch", false)
	p.settings.LocalhostOnly = emergency.flag("localhost_only", false)
	emergency.note("nobody is written to by this version", "contacts")
	emergency.done()
}

// oneOf reads a word; the first is the default.
func oneOf(m *mapping, key string, words ...string) string {
	v, ok := m.get(key)
	if !ok {
		return words[0]
	}
	word := v.text()
	if !slices.Contains(words, word) {
		v.wrong("is none of "+strings.Join(words, ", "), "write one of them; without this key it is "+words[0])
		return words[0]
	}
	return word
}

func (p *Policy) readAllowlist(top *mapping) {
	v, ok := top.either("allowlist", olderAllowlist)
	if !ok {
		return
	}
	m := v.mapping()
	for _, item := range m.items("rules") {
		p.addRule(item, false)
	}
	m.done()
}

func (p *Policy) readDenylist(top *mapping) {
	v, ok := top.either("denylist", olderDenylist)
	if !ok {
		return
	}
	m := v.mapping()
	for _, item := range m.items("rules") {
		p.addRule(item, true)
	}
	m.done()
}

func (p *Policy) addRule(v value, deny bool) {
	if len(p.rules) == MaxRules {
		v.wrong(fmt.Sprintf("is more than the %d rules that a policy may have", MaxRules), "write suffixes and CIDRs in place of single hosts")
	}
	if len(p.rules) >= MaxRules {
		return
	}
	m := v.mapping()
	if m == nil {
		v.wrong("is no rule", "write at least: host: api.example.com")
		return
	}
	rule := readRule(m, deny)
	m.done()
	p.rules = append(p.rules, rule)
}

// nameRules gives every rule an id of its own: where the file has none, host and
// ports, with a number behind them from the second on.
func (p *Policy) nameRules(r *reader) {
	first := make(map[string]int, len(p.rules))
	for i := range p.rules {
		rule := &p.rules[i]
		if rule.ID == "" {
			continue
		}
		if line, twice := first[rule.ID]; twice {
			r.problem(rule.Line, "id", fmt.Sprintf("%q is already used in line %d", rule.ID, line), "give each rule an id of its own, or leave it out")
		}
		first[rule.ID] = rule.Line
	}
	for i := range p.rules {
		if rule := &p.rules[i]; rule.ID == "" {
			rule.ID = freeID(first, rule)
			first[rule.ID] = rule.Line
		}
	}
}

func freeID(taken map[string]int, rule *Rule) string {
	base := rule.Target()
	if rule.Deny {
		base = "deny:" + base
	}
	id := base
	for n := 2; ; n++ {
		if _, used := taken[id]; !used {
			return id
		}
		id = base + "#" + strconv.Itoa(n)
	}
}

// compile makes the rules ready for requests.
func (p *Policy) compile() {
	p.allow = &index{names: newNames()}
	for i := range p.rules {
		rule := &p.rules[i]
		m := newMatcher(rule)
		m.intercept = rule.InterceptTLS.or(p.settings.InterceptTLS)
		switch {
		case !rule.Deny:
			p.allow.add(m)
			continue
		case p.deny == nil:
			p.deny = &index{names: newNames()}
		}
		p.deny.add(m)
	}
	p.allow.build()
	if p.deny != nil {
		p.deny.build()
	}
}
