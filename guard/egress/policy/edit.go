package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// Change is one edit of a document, made by AddRule, RemoveRule, SetMode or
// SetNetwork.
type Change struct {
	apply func(s *source, before *Policy) error
	check func(before, after *Policy) bool
}

// ErrThere is matched by errors.Is when a rule that is to be added is there.
var ErrThere = errors.New("says that already")

var errEdit = errors.New("the document is written in a way that this edit cannot keep; edit it by hand")

// Edit applies changes to a document, one after the other, and keeps its comments,
// order and line ends. Each result is parsed and compared with what the change is
// meant to do; on an error, nothing was changed.
func Edit(doc []byte, changes ...Change) ([]byte, error) {
	s, before, err := load(doc)
	if err != nil {
		return nil, fmt.Errorf("reading the policy: %w", err)
	}
	for _, c := range changes {
		if s, before, err = c.edit(s, before); err != nil {
			return nil, err
		}
	}
	return s.bytes(), nil
}

// load reads a document as lines and as a policy.
func load(doc []byte) (*source, *Policy, error) {
	s, err := newSource(doc)
	if err != nil {
		return nil, nil, err
	}
	p, err := build(s.root)
	return s, p, err
}

func (c Change) edit(s *source, before *Policy) (*source, *Policy, error) {
	if err := c.apply(s, before); err != nil {
		return nil, nil, err
	}
	edited, after, err := load(s.bytes())
	if err != nil || !c.check(before, after) {
		return nil, nil, errEdit
	}
	return edited, after, nil
}

// AddRule appends a rule to the allowlist, or to the denylist when it says Deny.
// It is ErrThere when a rule there covers the same already.
func AddRule(r Rule) Change {
	return Change{
		apply: func(s *source, before *Policy) error {
			for _, have := range before.rules {
				if sameEffect(have, r) {
					return fmt.Errorf("rule %q in line %d %w", have.ID, have.Line, ErrThere)
				}
			}
			return s.addRule(r.listKeys(), r.yamlFields())
		},
		check: func(before, after *Policy) bool {
			d := Diff(before, after)
			return len(d) == 1 && d[0].Kind == "added" &&
				slices.ContainsFunc(after.rules, func(have Rule) bool { return sameEffect(have, r) })
		},
	}
}

// listKeys are the keys of the list that a rule belongs to: ours, and the older.
func (r Rule) listKeys() [2]string {
	if r.Deny {
		return [2]string{"denylist", olderDenylist}
	}
	return [2]string{"allowlist", olderAllowlist}
}

// addRule finds the list, or makes one.
func (s *source) addRule(keys [2]string, fields []field) error {
	list := pair(s.root, keys[0], keys[1])
	if list == nil {
		return s.addTo(s.root, keys[0], append([]string{"  rules:"}, blockLines(fields, 4)...), "{rules: ["+flow(fields)+"]}")
	}
	rules := pair(list.Value, "rules")
	if rules == nil {
		return s.addRules(list, fields)
	}
	if seq, ok := rules.Value.(*ast.SequenceNode); ok {
		return s.appendItem(rules, seq, fields)
	}
	if !isNull(rules.Value) {
		return errEdit
	}
	return s.fillRules(rules, fields)
}

// addRules gives a list without rules its first.
func (s *source) addRules(list *ast.MappingValueNode, fields []field) error {
	key := s.spotOf(list.Key.GetToken())
	if isNull(list.Value) && strings.TrimSpace(s.lines[key.line][:key.at]) == "" {
		s.insert(key.line+1, append([]string{strings.Repeat(" ", key.at+2) + "rules:"}, blockLines(fields, key.at+4)...)...)
		return nil
	}
	if isNull(list.Value) {
		return errEdit
	}
	return s.addTo(list.Value, "rules", blockLines(fields, key.at+4), "["+flow(fields)+"]")
}

// fillRules puts the first item below "rules:".
func (s *source) fillRules(rules *ast.MappingValueNode, fields []field) error {
	key := s.spotOf(rules.Key.GetToken())
	rest := strings.TrimSpace(s.lines[key.line][key.at+len("rules:"):])
	if strings.TrimSpace(s.lines[key.line][:key.at]) != "" || rest != "" && rest[0] != '#' {
		return errEdit
	}
	s.insert(key.line+1, blockLines(fields, key.at+2)...)
	return nil
}

// appendItem puts an item behind the last of a list, in the list's own style.
func (s *source) appendItem(rules *ast.MappingValueNode, seq *ast.SequenceNode, fields []field) error {
	if !isFlow(seq) {
		dash := s.spotOf(seq.Start)
		if len(seq.Values) > 0 {
			dash = s.dashOf(seq, len(seq.Values)-1)
		}
		s.insert(s.itemEnd(dash), blockLines(fields, dash.at)...)
		return nil
	}
	key, end := s.spotOf(rules.Key.GetToken()), s.spotOf(seq.End)
	ownLine := strings.TrimSpace(s.lines[key.line][:key.at]) == ""
	if len(seq.Values) == 0 && ownLine && end.line == key.line {
		s.splice(s.spotOf(seq.Start), spot{end.line, end.at + 1}, "")
		s.lines[key.line] = strings.TrimRight(s.lines[key.line], " \r") + s.eol()
		s.insert(key.line+1, blockLines(fields, key.at+2)...)
		return nil
	}
	text := flow(fields)
	if len(seq.Values) > 0 {
		text = ", " + text
	}
	s.splice(end, end, text)
	return nil
}

// dashOf is where the dash of an item stands: the last one before its value.
func (s *source) dashOf(seq *ast.SequenceNode, i int) spot {
	v := seq.Values[i]
	line := lineOf(v, 1) - 1
	column := s.spotOf(seq.Start).at
	for line > 0 && !(indentOf(s.lines[line]) == column && strings.HasPrefix(s.lines[line][column:], "-")) {
		line--
	}
	return spot{line, column}
}

// itemEnd is the index of the line behind an item of a list: all that is indented
// deeper than its dash belongs to it, but not the empty lines at the end.
func (s *source) itemEnd(dash spot) int {
	end := dash.line + 1
	for i := end; i < len(s.lines); i++ {
		if strings.TrimSpace(s.lines[i]) == "" {
			continue
		}
		if indentOf(s.lines[i]) <= dash.at {
			break
		}
		end = i + 1
	}
	return end
}

// addTo puts a new key into a mapping: lines below the key for one in block style,
// a value for one in braces.
func (s *source) addTo(n ast.Node, key string, lines []string, value string) error {
	pairs, ok := pairsOf(n)
	if m, isMap := n.(*ast.MappingNode); isMap && isFlow(n) {
		start := s.spotOf(m.Start)
		text := key + ": " + value
		if len(pairs) > 0 {
			text += ", "
		}
		s.splice(spot{start.line, start.at + 1}, spot{start.line, start.at + 1}, text)
		return nil
	}
	if !ok || len(pairs) == 0 {
		return errEdit
	}
	first := s.spotOf(pairs[0].Key.GetToken())
	if first.at == 0 {
		s.appendLines(append([]string{key + ":" + inline(lines, value)}, lines...)...)
		return nil
	}
	s.insert(first.line, append([]string{strings.Repeat(" ", first.at) + key + ":" + inline(lines, value)}, lines...)...)
	return nil
}

// inline is the value behind a key that has no lines below it.
func inline(lines []string, value string) string {
	if len(lines) > 0 {
		return ""
	}
	return " " + value
}
