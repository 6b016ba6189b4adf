package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
)

// field is one line of a payload's table.
type field struct{ name, kind, doc string }

// structs reads the fields of every struct type in the Go files that a pattern
// names, in order.
func structs(pattern string) (map[string][]field, error) {
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		return nil, fmt.Errorf("reading payloads: no file is named %s", pattern)
	}
	types := map[string]*ast.StructType{}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			return nil, fmt.Errorf("reading payloads: %w", err)
		}
		collect(file, types)
	}
	return flattened(types)
}

// collect notes the struct types of a file.
func collect(file *ast.File, types map[string]*ast.StructType) {
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.TypeSpec); ok {
			if s, ok := spec.Type.(*ast.StructType); ok {
				types[spec.Name.Name] = s
			}
		}
		return true
	})
}

func flattened(types map[string]*ast.StructType) (_ map[string][]field, err error) {
	fields := map[string][]field{}
	for name := range types {
		if fields[name], err = flatten(name, types); err != nil {
			return nil, err
		}
	}
	return fields, nil
}

// flatten lists a struct's fields with those of embedded structs in place, as
// encoding/json does.
func flatten(name string, types map[string]*ast.StructType) ([]field, error) {
	var all []field
	for _, f := range types[name].Fields.List {
		if len(f.Names) == 0 {
			inner, err := flatten(fmt.Sprint(f.Type), types)
			if err != nil {
				return nil, err
			}
			all = append(all, inner...)
			continue
		}
		one, err := describe(name, f)
		if err != nil {
			return nil, err
		}
		if one.name != "-" {
			all = append(all, one)
		}
	}
	return all, nil
}

func describe(owner string, f *ast.Field) (field, error) {
	doc := strings.TrimSpace(f.Comment.Text())
	if doc == "" || f.Tag == nil {
		return field{}, fmt.Errorf("%s.%s needs a JSON name and a comment at the end of its line", owner, f.Names[0])
	}
	tag, err := strconv.Unquote(f.Tag.Value)
	if err != nil {
		return field{}, fmt.Errorf("%s.%s: %w", owner, f.Names[0], err)
	}
	name, options, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ",")
	kind := jsonKind(f.Type)
	if options == "omitempty" {
		kind += ", may be absent"
	}
	return field{name: name, kind: kind, doc: doc}, nil
}

// jsonKind names a Go type the way a reader of JSON would.
func jsonKind(t ast.Expr) string {
	switch t := t.(type) {
	case *ast.StarExpr:
		return jsonKind(t.X) + " or null"
	case *ast.ArrayType:
		return "list of " + jsonKind(t.Elt) + "s"
	case *ast.MapType:
		return "object"
	case *ast.SelectorExpr:
		return "time" // time.Time is the only foreign type
	}
	switch name := fmt.Sprint(t); name {
	case "string":
		return "string"
	case "bool":
		return "boolean"
	case "float64":
		return "number"
	default:
		if ast.IsExported(name) {
			return "object" // a struct of this package
		}
		return "integer"
	}
}
