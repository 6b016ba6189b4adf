package policy

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Difference is one thing that two policies do not share, in words.
type Difference struct {
	Kind string // "added", "removed" or "changed"
	What string // "mode", or "rule" and its id
	Text string // one sentence
}

// Diff says what changes from a to b: switches first, then rules in the order of
// their files. Either may be nil, which denies everything.
func Diff(a, b *Policy) []Difference {
	var list []Difference
	before, after := a.switchWords(), b.switchWords()
	for i := range before {
		if before[i].value != after[i].value {
			list = append(list, Difference{"changed", before[i].name, fmt.Sprintf("%s was %s and becomes %s", before[i].name, before[i].value, after[i].value)})
		}
	}
	return append(list, diffRules(a.all(), b.all())...)
}

// word is a switch and its position, in words.
type word struct{ name, value string }

func (p *Policy) switchWords() []word {
	s := p.Settings()
	words := []word{
		{"mode", string(s.Mode)}, {"default_policy", string(s.Default)},
		{"global.network_enabled", fmt.Sprint(s.NetworkEnabled)},
		{"emergency.kill_switch", fmt.Sprint(s.KillSwitch)}, {"emergency.localhost_only", fmt.Sprint(s.LocalhostOnly)},
		{"data_leak_prevention", onOff(s.ScanLeaks)}, {"data_leak_prevention.personal", onOff(s.ScanPersonal)}, {"data_leak_prevention.intercept_tls", fmt.Sprint(s.InterceptTLS)},
		{"websockets.inbound", inboundWords(s.Inbound)}, {"alerts", s.Alerts.words()},
	}
	var extensions, sections, patterns string
	if p != nil {
		extensions = strings.Join(p.extensions, " ")
		sections = p.sectionWords()
		for _, pattern := range p.patterns {
			patterns += " " + pattern.ID + "=" + pattern.Regex
		}
	}
	words = append(words, word{"data_leak_prevention.sensitive_patterns", quoted(strings.TrimSpace(patterns))})
	return append(words, word{"data_leak_prevention.blocked_extensions", quoted(extensions)}, word{"databases, dns and websockets.outbound", quoted(sections)})
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func quoted(s string) string {
	if s == "" {
		return "empty"
	}
	return s
}

func inboundWords(in Inbound) string {
	if !in.Enabled {
		return "off"
	}
	return fmt.Sprintf("on for %s, authentication %t", quoted(strings.Join(in.AllowedOrigins, " ")), in.RequireAuth)
}

// sectionWords names what is switched off or has to be encrypted.
func (p *Policy) sectionWords() string {
	var words []string
	for _, s := range p.sections {
		name := s.key + " " + onOff(s.enabled)
		if s.requireTLS {
			name += " with TLS"
		}
		words = append(words, name)
	}
	return strings.Join(words, ", ")
}

func diffRules(before, after []Rule) []Difference {
	old := map[string]Rule{}
	for _, r := range before {
		old[r.ID] = r
	}
	var added []Difference
	kept := map[string]bool{}
	for _, r := range after {
		was, ok := old[r.ID]
		kept[r.ID] = ok
		if !ok {
			added = append(added, Difference{"added", "rule " + r.ID, "would add: " + r.Words()})
		} else if text := changedFields(was, r); text != "" {
			added = append(added, Difference{"changed", "rule " + r.ID, text})
		}
	}
	var list []Difference
	for _, r := range before {
		if !kept[r.ID] {
			list = append(list, Difference{"removed", "rule " + r.ID, "would remove: " + r.Words()})
		}
	}
	return append(list, added...)
}

// changedFields names the fields in which two rules of one id differ.
func changedFields(a, b Rule) string {
	a.Line, b.Line = 0, 0
	var changes []string
	va, vb := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range va.NumField() {
		if !va.Type().Field(i).IsExported() {
			continue
		}
		fa, fb := va.Field(i).Interface(), vb.Field(i).Interface()
		if !sameField(fa, fb) {
			changes = append(changes, fmt.Sprintf("%s from %s to %s", strings.ToLower(va.Type().Field(i).Name), fieldWords(fa), fieldWords(fb)))
		}
	}
	return strings.Join(changes, "; ")
}

func sameField(a, b any) bool {
	ta, isTime := a.(time.Time)
	if isTime {
		return ta.Equal(b.(time.Time))
	}
	return reflect.DeepEqual(a, b)
}

func fieldWords(v any) string {
	if t, ok := v.(time.Time); ok {
		if t.IsZero() {
			return "none"
		}
		return t.Format(time.RFC3339)
	}
	if s := fmt.Sprint(v); s != "" && s != "[]" {
		return s
	}
	return "none"
}

// Words says in one line what a rule lets pass.
func (r Rule) Words() string {
	words := []string{r.Target()}
	if r.Deny {
		words[0] = "never " + r.Target()
	}
	for _, p := range r.Protocols {
		words = append(words, string(p))
	}
	words = append(words, r.Methods...)
	words = append(words, r.Paths...)
	for _, tool := range r.Tools {
		words = append(words, "tool "+tool)
	}
	if len(r.Addresses) > 0 {
		words = append(words, "in "+strings.Join(r.Addresses, ","))
	}
	for _, c := range r.Credentials {
		words = append(words, "with "+c)
	}
	switch r.InterceptTLS {
	case Yes:
		words = append(words, "looked into")
	case No:
		words = append(words, "not looked into")
	}
	for _, p := range r.Programs {
		words = append(words, "by "+p.String())
	}
	for _, w := range r.Windows {
		words = append(words, w.String())
	}
	if r.When != "" {
		words = append(words, "when "+r.When)
	}
	if !r.Budget.IsZero() {
		words = append(words, "up to "+r.Budget.String())
	}
	if !r.Expires.IsZero() {
		words = append(words, "before "+r.Expires.Format(time.RFC3339))
	}
	if r.Description != "" {
		words = append(words, "("+r.Description+")")
	}
	return strings.Join(words, " ")
}

// String names what of a program is compared.
func (m ProgramMatch) String() string {
	parts := []string{m.Exe}
	for _, p := range []word{{"cmdline", m.Cmdline}, {"cwd", m.Cwd}, {"user", m.User}, {"jail", m.Jail}} {
		if p.value != "" {
			parts = append(parts, p.name+" "+p.value)
		}
	}
	return strings.TrimSpace(strings.Join(parts, " "))
}

// String writes a window as people do.
func (w Window) String() string {
	days := "daily"
	if len(w.Days) > 0 {
		names := make([]string, len(w.Days))
		for i, d := range w.Days {
			names[i] = strings.ToLower(d.String()[:3])
		}
		days = strings.Join(names, ",")
	}
	zone := time.Time{}.In(time.FixedZone("", int(w.Offset/time.Second))).Format("Z07:00")
	return fmt.Sprintf("%s %02d:%02d-%02d:%02d%s", days, w.From/60, w.From%60, w.To/60, w.To%60, zone)
}

// sameEffect reports whether two rules cover the same requests.
func sameEffect(a, b Rule) bool {
	for _, r := range []*Rule{&a, &b} {
		r.condition = nil // When says it
		r.ID, r.Description, r.VerifiedBy, r.VerifiedAt, r.Line = "", "", "", time.Time{}, 0
	}
	return a.Expires.Equal(b.Expires) && slices.Equal(a.Ports, b.Ports) && reflect.DeepEqual(normalRule(a), normalRule(b))
}

// normalRule takes the differences out that DeepEqual sees and nobody else.
func normalRule(r Rule) Rule {
	r.Expires, r.Ports = time.Time{}, nil
	for _, list := range []*[]string{&r.Methods, &r.Paths, &r.Tools, &r.Addresses, &r.Credentials} {
		*list = append([]string{}, *list...)
	}
	r.Protocols = append([]Protocol{}, r.Protocols...)
	r.Programs = append([]ProgramMatch{}, r.Programs...)
	r.Windows = append([]Window{}, r.Windows...)
	return r
}
