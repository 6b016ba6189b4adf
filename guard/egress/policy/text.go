package policy

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// source is a document as lines, so that an edit touches nothing but what it is
// about: comments, order, quotes and line ends stay.
type source struct {
	lines []string // with their \r, without their \n
	root  ast.Node
}

func newSource(doc []byte) (*source, error) {
	root, err := parseYAML(doc)
	if err != nil {
		return nil, err
	}
	return &source{lines: strings.Split(string(doc), "\n"), root: root}, nil
}

func (s *source) bytes() []byte { return []byte(strings.Join(s.lines, "\n")) }

// eol is what a line of this document ends with before its \n.
func (s *source) eol() string {
	if strings.HasSuffix(s.lines[0], "\r") {
		return "\r"
	}
	return ""
}

// insert puts lines before the line with this index.
func (s *source) insert(at int, lines ...string) {
	eol := s.eol()
	for i := range lines {
		lines[i] += eol
	}
	s.lines = slices.Insert(s.lines, at, lines...)
}

// appendLines puts lines behind the last one that is not empty.
func (s *source) appendLines(lines ...string) {
	end := len(s.lines)
	for end > 0 && strings.TrimSpace(s.lines[end-1]) == "" {
		end--
	}
	if end == len(s.lines) {
		s.lines[end-1] += s.eol()
		s.lines = append(s.lines, "")
	}
	s.insert(end, lines...)
}

// spot is a place in the text: an index of lines and a byte within the line.
type spot struct{ line, at int }

// spotOf is where a token begins. The library counts lines and characters from 1.
func (s *source) spotOf(t *token.Token) spot {
	line := t.Position.Line - 1
	at := 0
	for range t.Position.Column - 1 {
		_, size := utf8.DecodeRuneInString(s.lines[line][at:])
		at += size
	}
	return spot{line, at}
}

// splice puts text between two spots of one line or of several.
func (s *source) splice(from, to spot, text string) {
	joined := s.lines[from.line][:from.at] + text + s.lines[to.line][to.at:]
	s.lines = slices.Replace(s.lines, from.line, to.line+1, joined)
}

// pair returns the key and value of a mapping, or nil.
func pair(n ast.Node, keys ...string) *ast.MappingValueNode {
	pairs, _ := pairsOf(n)
	for _, p := range pairs {
		if slices.Contains(keys, p.Key.GetToken().Value) {
			return p
		}
	}
	return nil
}

// isFlow reports whether a node is written in braces or brackets.
func isFlow(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.IsFlowStyle
	case *ast.SequenceNode:
		return n.IsFlowStyle
	}
	return false
}

func isNull(n ast.Node) bool {
	_, null := n.(*ast.NullNode)
	return n == nil || null
}

// indentOf is the number of spaces that a line begins with.
func indentOf(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

func isComment(line string) bool { return strings.HasPrefix(strings.TrimSpace(line), "#") }
