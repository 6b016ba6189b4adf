package archtest

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
	"testing"
)

func TestImportsGoDown(t *testing.T) {
	for _, p := range load(t) {
		for imp, where := range p.imports {
			target, ours := strings.CutPrefix(imp, module+"/")
			if !ours {
				continue
			}
			if why := forbidden(p.dir, target); why != "" {
				t.Errorf("%s imports %s: %s", where, target, why)
			}
		}
	}
}

func TestTheRulesForbid(t *testing.T) {
	tests := []struct {
		from, to string
		ok       bool
	}{
		{"internal/leak", "internal/event", true},
		{"internal/leak/source/dir", "internal/leak/source", true},
		{"internal/leak", "hypercore", true},
		{"internal/leak", "internal/notify", false},
		{"internal/event", "internal/bus", false},
		{"internal/api", "internal/sqlstore", false},
		{"detect", "internal/redact", false},
		{"bzzz/guard", "internal/redact", false},
		{"bzzz/gateway/judge", "detect", true},
		{"hypercore/disk", "internal/id", false},
		{"internal/newroom", "internal/event", false},
		{"internal/app", "internal/sqlstore", true},
	}
	for _, tt := range tests {
		if why := forbidden(tt.from, tt.to); (why == "") != tt.ok {
			t.Errorf("%s -> %s: %q, want allowed=%v", tt.from, tt.to, why, tt.ok)
		}
	}
}

func TestConfinedPackagesStayInTheirRooms(t *testing.T) {
	for _, p := range load(t) {
		for imp, where := range p.imports {
			for prefix, rooms := range confined {
				under := imp == prefix || strings.HasPrefix(imp, prefix+"/")
				own := module+"/"+p.dir == prefix || strings.HasPrefix(module+"/"+p.dir, prefix+"/")
				if under && !own && !inside(p.dir, rooms) {
					t.Errorf("%s imports %s, which is for %v only", where, imp, rooms)
				}
			}
		}
	}
}

func TestEveryPackageHasADocComment(t *testing.T) {
	for _, p := range load(t) {
		onlyTests := !slices.ContainsFunc(p.files, func(f file) bool { return !f.test })
		if !onlyTests && len(strings.Fields(p.doc)) < 5 {
			t.Errorf("package in %s has no doc comment: say what it is for, what it may import, how to add to it", p.dir)
		}
	}
}

func TestFilesAreShort(t *testing.T) {
	const most = 400
	for _, p := range load(t) {
		for _, f := range p.files {
			if n := f.lines(); n > most {
				t.Errorf("%s has %d lines, more than %d: one room, one purpose", f.name, n, most)
			}
		}
	}
}

func TestFunctionsAreSmall(t *testing.T) {
	var sizes []int
	for _, p := range load(t) {
		for _, f := range p.files {
			if f.test {
				continue
			}
			for _, d := range f.ast.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
					n := f.fset.Position(fn.Body.Rbrace).Line - f.fset.Position(fn.Pos()).Line + 1
					sizes = append(sizes, n)
					if n > 100 {
						t.Errorf("%s: %s has %d lines", f.name, fn.Name.Name, n)
					}
				}
			}
		}
	}
	slices.Sort(sizes)
	if p50, p90 := sizes[len(sizes)/2], sizes[len(sizes)*9/10]; p50 > 12 || p90 > 45 {
		t.Errorf("functions: median %d lines (want <= 12), 90th percentile %d (want <= 45)", p50, p90)
	}
}

func TestNothingHappensOnImport(t *testing.T) {
	for _, p := range load(t) {
		for _, f := range p.files {
			for _, d := range f.ast.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && !f.test && fn.Recv == nil && fn.Name.Name == "init" {
					t.Errorf("%s has an init function", f.name)
				}
			}
		}
	}
}

// Storage interfaces have up to six methods, all others up to three.
func TestInterfacesAreSmall(t *testing.T) {
	for _, p := range load(t) {
		for _, f := range p.files {
			ast.Inspect(f.ast, func(n ast.Node) bool {
				ts, ok := n.(*ast.TypeSpec)
				if !ok || f.test {
					return true
				}
				it, ok := ts.Type.(*ast.InterfaceType)
				if most := limit(f.name); ok && it.Methods.NumFields() > most {
					t.Errorf("%s: interface %s has %d methods, more than %d", f.name, ts.Name.Name, it.Methods.NumFields(), most)
				}
				return true
			})
		}
	}
}

func limit(name string) int {
	if strings.HasSuffix(name, "store.go") || strings.HasSuffix(name, "ledger.go") {
		return 6
	}
	return 3
}

func TestNoPackageLevelMutableState(t *testing.T) {
	for _, p := range load(t) {
		for _, f := range p.files {
			if f.test {
				continue
			}
			for _, d := range f.ast.Decls {
				if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.VAR {
					checkVars(t, f, g)
				}
			}
		}
	}
}

// checkVars flags variables that are declared without a value.
func checkVars(t *testing.T, f file, g *ast.GenDecl) {
	for _, s := range g.Specs {
		v := s.(*ast.ValueSpec)
		for _, n := range v.Names {
			if v.Values == nil && n.Name != "_" && !embedded(g) {
				t.Errorf("%s: variable %s has no value: package state that something sets later", f.name, n.Name)
			}
		}
	}
}

// embedded reports whether a go:embed directive fills the variable.
func embedded(g *ast.GenDecl) bool {
	return g.Doc != nil && slices.ContainsFunc(g.Doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed") })
}
