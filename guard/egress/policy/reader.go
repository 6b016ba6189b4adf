package policy

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// Error is one thing that is wrong with a document.
type Error struct {
	Line    int    // from 1
	Key     string // such as "allowlist.rules[2].host"
	Problem string
	Hint    string // what to do
}

// Error says it in one line.
func (e *Error) Error() string {
	return fmt.Sprintf("line %d: %s: %s; %s", e.Line, e.Key, e.Problem, e.Hint)
}

// maxProblems bounds how much is said about one document.
const maxProblems = 50

// reader collects what is wrong with a document and what of it has no effect.
type reader struct {
	problems []error
	notes    []Unsupported
	compiler Compiler // of conditions; nil: there is none
}

func (r *reader) problem(line int, key, problem, hint string) {
	if len(r.problems) < maxProblems {
		r.problems = append(r.problems, &Error{Line: line, Key: key, Problem: problem, Hint: hint})
	}
}

func (r *reader) err() error { return errors.Join(r.problems...) }

// value is a node of the document and where it stands.
type value struct {
	r    *reader
	key  string
	line int
	node ast.Node
}

func (v value) wrong(problem, hint string) {
	v.r.problem(v.line, cmp.Or(v.key, "document"), problem, hint)
}

// text is a scalar as it was written.
func (v value) text() string {
	switch n := v.node.(type) {
	case *ast.StringNode:
		return n.Value
	case *ast.LiteralNode:
		return n.Value.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value
	}
	v.wrong("is "+kindOf(v.node), "give a text")
	return ""
}

func (v value) flag() bool {
	if b, ok := v.node.(*ast.BoolNode); ok {
		return b.Value
	}
	v.wrong("is no true or false", "write true or false")
	return false
}

// items are the members of a list; a single scalar or mapping is a list of one.
func (v value) items() []value {
	list, ok := v.node.(*ast.SequenceNode)
	if !ok {
		return []value{v}
	}
	items := make([]value, 0, len(list.Values))
	for i, n := range list.Values {
		items = append(items, value{v.r, fmt.Sprintf("%s[%d]", v.key, i), lineOf(n, v.line), n})
	}
	return items
}

// mapping reads the node as one; nil if it is none.
func (v value) mapping() *mapping {
	if _, null := v.node.(*ast.NullNode); v.node == nil || null {
		return nil
	}
	pairs, ok := pairsOf(v.node)
	if !ok {
		v.wrong("is "+kindOf(v.node), "give keys and values")
		return nil
	}
	m := &mapping{value: v, fields: make(map[string]value, len(pairs))}
	for _, p := range pairs {
		m.put(p)
	}
	return m
}

// mappingIfAny reads the node as a mapping; nil if it is something else.
func (v value) mappingIfAny() *mapping {
	if _, ok := pairsOf(v.node); !ok {
		return nil
	}
	return v.mapping()
}

func pairsOf(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

func kindOf(n ast.Node) string {
	switch n.(type) {
	case *ast.SequenceNode:
		return "a list"
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	case *ast.NullNode, nil:
		return "empty"
	}
	return "of another kind"
}

func lineOf(n ast.Node, otherwise int) int {
	if pairs, ok := pairsOf(n); ok && len(pairs) > 0 {
		n = pairs[0].Key
	}
	if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
		return otherwise
	}
	return n.GetToken().Position.Line
}

// mapping is a part of the document whose keys are asked for one by one. Who asks
// is the schema: done complains about every key that nobody asked for. A nil
// mapping is one that is not there.
type mapping struct {
	value
	fields map[string]value
	asked  []string
}

func (m *mapping) put(p *ast.MappingValueNode) {
	name := p.Key.GetToken().Value
	key := name
	if m.key != "" {
		key = m.key + "." + name
	}
	v := value{m.r, key, lineOf(p.Key, m.line), p.Value}
	if _, twice := m.fields[name]; twice {
		v.wrong("stands here twice", "remove one of them")
	}
	m.fields[name] = v
}

// get returns a key's value. A key without a value counts as absent.
func (m *mapping) get(key string) (value, bool) {
	if m == nil {
		return value{}, false
	}
	m.asked = append(m.asked, key)
	v, ok := m.fields[key]
	if _, null := v.node.(*ast.NullNode); !ok || v.node == nil || null {
		return value{}, false
	}
	return v, true
}

// either returns the value of the one of two names for a key that is there.
func (m *mapping) either(name, older string) (value, bool) {
	v, ok := m.get(name)
	o, old := m.get(older)
	if ok && old {
		o.wrong("means the same as "+name, "keep one of them")
	}
	if ok {
		return v, true
	}
	return o, old
}

func (m *mapping) text(key string) string {
	if v, ok := m.get(key); ok {
		return v.text()
	}
	return ""
}

func (m *mapping) flag(key string, absent bool) bool {
	if v, ok := m.get(key); ok {
		return v.flag()
	}
	return absent
}

func (m *mapping) items(key string) []value {
	if v, ok := m.get(key); ok {
		return v.items()
	}
	return nil
}

func (m *mapping) sub(key string) *mapping {
	if v, ok := m.get(key); ok {
		return v.mapping()
	}
	return nil
}

// note accepts keys that have no effect, and says so.
func (m *mapping) note(meaning string, keys ...string) {
	for _, key := range keys {
		if v, ok := m.get(key); ok {
			m.r.notes = append(m.r.notes, Unsupported{Line: v.line, Key: v.key, Meaning: meaning})
		}
	}
}

// done complains about keys that nobody asked for.
func (m *mapping) done() {
	for _, name := range m.unknown() {
		m.fields[name].wrong("is no key of a policy", m.suggest(name))
	}
}

// unknown lists the keys that nobody asked for, in the order of the document.
func (m *mapping) unknown() []string {
	if m == nil {
		return nil
	}
	names := slices.DeleteFunc(slices.Collect(maps.Keys(m.fields)), func(name string) bool { return slices.Contains(m.asked, name) })
	slices.SortFunc(names, func(a, b string) int { return m.fields[a].line - m.fields[b].line })
	return names
}

// suggest names the key that was probably meant, or those that are known here.
func (m *mapping) suggest(name string) string {
	best, distance := "", 3
	for _, a := range m.asked {
		if d := editDistance(name, a); d < distance {
			best, distance = a, d
		}
	}
	if best != "" {
		return fmt.Sprintf("did you mean %s?", best)
	}
	known := slices.DeleteFunc(slices.Clone(m.asked), func(a string) bool { return a == olderAllowlist || a == olderDenylist })
	slices.Sort(known)
	return "known here: " + strings.Join(slices.Compact(known), ", ")
}

// editDistance is Levenshtein's, of short words; long ones are far from all.
func editDistance(a, b string) int {
	if len(a) > 40 || len(b) > 40 {
		return 40
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
