package policy

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Limits of a document.
const (
	// MaxDocument is how many bytes a document may have.
	MaxDocument = 16 << 20
	// MaxRules is how many rules it may have.
	MaxRules = 250_000

	maxLine  = 16 << 10 // the YAML library takes quadratic time within a line
	maxDepth = 24       // and recurses into what nests
	maxKeys  = 1000     // and compares every key of a mapping with every other
)

// parseYAML reads one YAML document without anchors, aliases, tags and merge
// keys, which a policy has no use for and a bomb is made of. The node is nil for
// an empty document.
func parseYAML(doc []byte) (body ast.Node, err error) {
	if err := checkSize(doc); err != nil {
		return nil, err
	}
	defer func() {
		// The library is somebody else's, and a policy must not end the program.
		if recover() != nil {
			body, err = nil, &Error{1, "document", "is no YAML", "compare with the output of cordon egress init"}
		}
	}()
	// the library miscounts lines that end in CRLF
	tokens := lexer.Tokenize(strings.ReplaceAll(string(doc), "\r\n", "\n"))
	if err := checkTokens(tokens); err != nil {
		return nil, err
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		return nil, syntaxError(err)
	}
	return onlyBody(file)
}

// onlyBody refuses a second document.
func onlyBody(file *ast.File) (body ast.Node, err error) {
	for _, d := range file.Docs {
		switch {
		case d.Body == nil:
		case body != nil:
			return nil, &Error{lineOf(d.Body, 1), "document", "is a second YAML document", "a policy is one: remove what follows ---"}
		default:
			body = d.Body
		}
	}
	return body, nil
}

func checkSize(doc []byte) error {
	if len(doc) > MaxDocument {
		return &Error{1, "document", fmt.Sprintf("has %d bytes, more than %d", len(doc), MaxDocument), "split it, or write suffixes and CIDRs in place of single hosts"}
	}
	line, from := 1, 0
	for i, c := range doc {
		if c == '\n' {
			line, from = line+1, i+1
		}
		if i-from > maxLine {
			return &Error{line, "document", fmt.Sprintf("has a line of more than %d bytes", maxLine), "write one value on each line"}
		}
		if control(doc, i) {
			return &Error{line, "document", "holds a control character", "remove it"}
		}
	}
	return nil
}

// control reports whether a document has a control character here; a carriage
// return is none before a line feed.
func control(doc []byte, i int) bool {
	switch c := doc[i]; c {
	case '\n', '\t':
		return false
	case '\r':
		return i+1 == len(doc) || doc[i+1] != '\n'
	default:
		return c < ' ' || c == 0x7f
	}
}

// checkTokens refuses what the parser should not see.
func checkTokens(tokens token.Tokens) error {
	var sh shape
	for i, t := range tokens {
		switch t.Type {
		case token.AnchorType, token.AliasType, token.TagType, token.MergeKeyType, token.DirectiveType, token.MappingKeyType:
			return &Error{t.Position.Line, "document", "uses anchors, aliases, tags, merge keys or directives", "write the value itself"}
		}
		if tooMuch := sh.take(t, tokens[max(i-1, 0)]); tooMuch != "" {
			return &Error{t.Position.Line, "document", tooMuch, "compare with the output of cordon egress init"}
		}
	}
	return nil
}

// shape measures a document token by token.
type shape struct {
	line, dashes, depth int
	// keys counts the keys of the block mappings that are open, by their column.
	keys [8 * maxDepth]int
}

// take returns what there is too much of.
func (s *shape) take(t, before *token.Token) string {
	if t.Position.Line != s.line {
		s.line, s.dashes = t.Position.Line, 0
	}
	column := t.Position.Column
	switch t.Type {
	case token.SequenceStartType, token.MappingStartType:
		s.depth++
	case token.SequenceEndType, token.MappingEndType:
		s.depth--
	case token.SequenceEntryType:
		s.dashes++
		s.closeBehind(column)
	case token.MappingValueType:
		column = before.Position.Column
		if s.depth == 0 && column < len(s.keys) {
			s.closeBehind(column)
			s.keys[column]++
		}
	}
	switch {
	case s.depth > maxDepth || s.dashes > maxDepth || s.depth == 0 && t.Position.IndentNum >= len(s.keys):
		return "nests too deeply"
	case column < len(s.keys) && s.keys[column] > maxKeys:
		return fmt.Sprintf("has a mapping with more than %d keys", maxKeys)
	}
	return ""
}

// closeBehind forgets mappings that began further to the right.
func (s *shape) closeBehind(column int) {
	for i := column + 1; i < len(s.keys); i++ {
		s.keys[i] = 0
	}
}

// syntaxError turns the library's error into ours, without the excerpt of the
// document that its text would have.
func syntaxError(err error) error {
	var at yaml.Error
	if errors.As(err, &at) && at.GetToken() != nil {
		return &Error{at.GetToken().Position.Line, "document", at.GetMessage(), "see https://yaml.org, or compare with the output of cordon egress init"}
	}
	return &Error{1, "document", "is no YAML", "compare with the output of cordon egress init"}
}
