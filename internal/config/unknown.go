package config

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// hint says what to do about a mistake in the text of a document for into; empty if that
// is plain without.
func hint(b []byte, into any, err error) string {
	var unknown *yaml.UnknownFieldError
	switch {
	case errors.As(err, &unknown):
		tk := unknown.GetToken()
		return "; " + suggest(tk.Value, keysAt(reflect.TypeOf(into), pathOf(b, tk.Position.Line, tk.Position.Column)))
	case strings.Contains(err.Error(), "found character '\t'"):
		return ": it is a tab; YAML is indented with spaces"
	}
	return ""
}

// pathOf are the keys above the one that stands at a place of a document.
func pathOf(b []byte, line, column int) []string {
	file, err := parser.ParseBytes(b, 0)
	if err != nil {
		return nil
	}
	find := &finder{line: line, column: column}
	for _, doc := range file.Docs {
		if doc.Body != nil {
			ast.Walk(find, doc.Body)
		}
	}
	segments := strings.Split(strings.TrimPrefix(find.path, "$."), ".")
	return segments[:len(segments)-1]
}

// finder looks for the key that stands at a place.
type finder struct {
	line, column int
	path         string // as YAML paths are written: $.a.b[0].c
}

func (f *finder) Visit(n ast.Node) ast.Visitor {
	if m, ok := n.(*ast.MappingValueNode); ok {
		if at := m.Key.GetToken().Position; at.Line == f.line && at.Column == f.column {
			f.path = m.Key.GetPath()
		}
	}
	return f
}

// keysAt are the names of the keys that a section has.
func keysAt(t reflect.Type, path []string) []string {
	for _, name := range path {
		name, _, _ = strings.Cut(name, "[")
		field, ok := fieldNamed(section(t), name)
		if !ok {
			return nil
		}
		t = field.Type
	}
	var names []string
	for _, f := range reflect.VisibleFields(section(t)) {
		if name := keyOf(f); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// section is the struct behind pointers and lists; an empty one if there is none.
func section(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return reflect.TypeFor[struct{}]()
	}
	return t
}

func fieldNamed(t reflect.Type, key string) (reflect.StructField, bool) {
	for _, f := range reflect.VisibleFields(t) {
		if keyOf(f) == key {
			return f, true
		}
	}
	return reflect.StructField{}, false
}

// keyOf is the key of a field; empty for what is no key.
func keyOf(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	if name == "-" || !f.IsExported() {
		return ""
	}
	return name
}

// suggest names the key that was probably meant, or those that are known there.
func suggest(name string, known []string) string {
	best, least := "", 3
	for _, k := range known {
		if d := distance(name, k); d < least {
			best, least = k, d
		}
	}
	switch {
	case best != "":
		return fmt.Sprintf("did you mean %s?", strconv.Quote(best))
	case len(known) == 0:
		return "cordon config schema has all that are known"
	}
	slices.Sort(known)
	return "known here: " + strings.Join(known, ", ")
}

// distance counts the characters to put in, to leave out and to change until a is b.
func distance(a, b string) int {
	if len(a)+len(b) > 80 {
		return 80
	}
	before := make([]int, len(b)+1)
	for j := range before {
		before[j] = j
	}
	for i := 1; i <= len(a); i++ {
		now := make([]int, len(b)+1)
		now[0] = i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			now[j] = min(before[j]+1, now[j-1]+1, before[j-1]+change)
		}
		before = now
	}
	return before[len(b)]
}
