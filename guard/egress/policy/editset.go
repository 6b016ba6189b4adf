package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// RemoveRule removes the rules of the allowlist that have this id, this host, or
// this host and ports as in HOST:PORT, each with the comment right above it. It is
// an error when there is none.
func RemoveRule(target string) Change {
	meant := func(r Rule) bool { return !r.Deny && means(target, r) }
	return Change{
		apply: func(s *source, before *Policy) error {
			seq := s.ruleList()
			doomed := matching(before, s, seq, meant)
			if len(doomed) == 0 {
				return missing(before, target, meant)
			}
			slices.Reverse(doomed)
			for _, i := range doomed {
				if err := s.removeItem(i); err != nil {
					return err
				}
			}
			return nil
		},
		check: func(before, after *Policy) bool {
			gone := slices.DeleteFunc(slices.Clone(before.rules), func(r Rule) bool { return fromList(r) && meant(r) })
			return slices.EqualFunc(gone, after.rules, sameEffect) && slices.Equal(before.switchWords(), after.switchWords())
		},
	}
}

// means reports whether a person who writes target means a rule.
func means(target string, r Rule) bool {
	if target == r.ID || target == r.Host || target == r.Target() {
		return true
	}
	t, err := ParseTarget(target)
	return err == nil && t.Host == r.Host && (len(t.Ports) == 0 || slices.Equal(t.Ports, r.Ports))
}

// fromList reports whether a rule stands in the list itself, and was not made of
// another section.
func fromList(r Rule) bool { return !r.derived }

// ruleList is the allowlist's list of rules, or nil.
func (s *source) ruleList() *ast.SequenceNode {
	list := pair(s.root, "allowlist", olderAllowlist)
	if list == nil {
		return nil
	}
	rules := pair(list.Value, "rules")
	if rules == nil {
		return nil
	}
	seq, _ := rules.Value.(*ast.SequenceNode)
	return seq
}

// matching returns the indexes of the items whose rules are meant. Rules of the
// list come first and in its order.
func matching(p *Policy, s *source, seq *ast.SequenceNode, meant func(Rule) bool) []int {
	var list []int
	if seq == nil {
		return nil
	}
	for i := range min(len(seq.Values), len(p.rules)) {
		if r := p.rules[i]; fromList(r) && meant(r) {
			list = append(list, i)
		}
	}
	return list
}

func missing(p *Policy, target string, meant func(Rule) bool) error {
	for _, r := range p.rules {
		if meant(r) {
			return fmt.Errorf("rule %q comes from line %d, which is not in the allowlist: edit it there", r.ID, r.Line)
		}
	}
	return fmt.Errorf("no rule has the id, host or HOST:PORT %s", strconv.Quote(target))
}

// removeItem takes one item out. Those before it stay where they are; behind it,
// on the lines of a list in brackets, everything moves.
func (s *source) removeItem(i int) error {
	seq := s.ruleList()
	if isFlow(seq) {
		s.cutItem(seq, i)
		return s.reparse()
	}
	dash := s.dashOf(seq, i)
	from, to := dash.line, s.itemEnd(dash)
	for from > 0 && isComment(s.lines[from-1]) && indentOf(s.lines[from-1]) == dash.at {
		from--
	}
	s.lines = slices.Delete(s.lines, from, to)
	return nil
}

// cutItem removes an item of a list in brackets, with one comma.
func (s *source) cutItem(seq *ast.SequenceNode, i int) {
	from, to := s.itemSpots(seq, i)
	switch {
	case i > 0:
		_, from = s.itemSpots(seq, i-1)
	case len(seq.Values) > 1:
		to, _ = s.itemSpots(seq, 1)
	}
	s.splice(from, to, "")
}

// itemSpots are where an item in braces begins and ends.
func (s *source) itemSpots(seq *ast.SequenceNode, i int) (from, to spot) {
	m, ok := seq.Values[i].(*ast.MappingNode)
	if !ok || !isFlow(m) {
		return spot{}, spot{}
	}
	end := s.spotOf(m.End)
	return s.spotOf(m.Start), spot{end.line, end.at + 1}
}

// SetMode sets mode.
func SetMode(m Mode) Change {
	return set(func(s *Settings) { s.Mode = m }, assignment{"", "mode", string(m)})
}

// SetNetwork sets global.network_enabled. True also lifts emergency.localhost_only,
// which would keep the network away all the same.
func SetNetwork(on bool) Change {
	if !on {
		return set(func(s *Settings) { s.NetworkEnabled = false }, assignment{"global", "network_enabled", "false"})
	}
	return set(func(s *Settings) { s.NetworkEnabled, s.LocalhostOnly = true, false },
		assignment{"global", "network_enabled", "true"}, assignment{"emergency", "localhost_only", "false"})
}

// assignment gives a key of a section, or of the document itself, a value.
type assignment struct{ section, key, value string }

func set(want func(*Settings), assignments ...assignment) Change {
	return Change{
		apply: func(s *source, _ *Policy) error {
			for _, a := range assignments {
				if err := s.assign(a); err != nil {
					return err
				}
			}
			return nil
		},
		check: func(before, after *Policy) bool {
			settings := before.settings
			want(&settings)
			wanted := *before
			wanted.settings = settings
			return len(Diff(&wanted, after)) == 0
		},
	}
}

// assign changes the value where it stands, or adds the key. It parses again what
// it changed, since lines have moved.
func (s *source) assign(a assignment) error {
	node := s.root
	if a.section != "" {
		p := pair(s.root, a.section)
		if p == nil || isNull(p.Value) {
			return s.addSection(p, a)
		}
		node = p.Value
	}
	if p := pair(node, a.key); p != nil {
		s.replaceScalar(p, a.value)
	} else if err := s.addTo(node, a.key, nil, a.value); err != nil {
		return err
	}
	return s.reparse()
}

func (s *source) addSection(p *ast.MappingValueNode, a assignment) error {
	if p != nil {
		return errEdit // "global:" with nothing in it
	}
	line := []string{"  " + a.key + ": " + a.value}
	if err := s.addTo(s.root, a.section, line, "{"+a.key+": "+a.value+"}"); err != nil {
		return err
	}
	return s.reparse()
}

func (s *source) reparse() error {
	again, err := newSource(s.bytes())
	if err != nil {
		return errEdit
	}
	*s = *again
	return nil
}

// replaceScalar puts a new value in the place of a scalar of one line.
func (s *source) replaceScalar(p *ast.MappingValueNode, value string) {
	if isNull(p.Value) {
		key := s.spotOf(p.Key.GetToken())
		end := spot{key.line, key.at + len(p.Key.GetToken().Value) + 1}
		s.splice(end, end, " "+value)
		return
	}
	from := s.spotOf(p.Value.GetToken())
	line := s.lines[from.line]
	s.splice(from, spot{from.line, from.at + scalarLength(line[from.at:])}, value)
}

// scalarLength is how much of a text the scalar at its beginning takes.
func scalarLength(text string) int {
	if text[0] == '"' || text[0] == '\'' {
		if end := strings.IndexByte(text[1:], text[0]); end >= 0 {
			return end + 2
		}
	}
	if end := strings.IndexAny(text, " ,}#\r"); end >= 0 {
		return end
	}
	return len(text)
}
