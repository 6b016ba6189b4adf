package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const module = "go.cordon.dev/cordon"

// pkg is one folder with Go files, parsed without regard to build tags: the
// rules hold for every platform.
type pkg struct {
	dir     string // slash path below the module's root, "." for the root
	doc     string
	imports map[string]string // import path -> file, of files that are not tests
	files   []file
}

type file struct {
	name string // slash path below the module's root
	test bool
	ast  *ast.File
	fset *token.FileSet
}

func (f file) lines() int {
	return f.fset.File(f.ast.Pos()).LineCount()
}

// load returns the packages of the main module, and of the gossip modules below
// bzzz/, which keep the same rules. Nobody changes them.
func load(t *testing.T) []*pkg {
	t.Helper()
	all, err := parsed()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// parsed parses every Go file, once for all tests.
var parsed = sync.OnceValues(parse)

func parse() (all []*pkg, err error) {
	root := filepath.Join("..", "..")
	byDir := map[string]*pkg{}
	err = filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, p)
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			return skip(p, rel, d)
		}
		if strings.HasSuffix(p, ".go") {
			return add(byDir, p, rel)
		}
		return nil
	})
	for _, p := range byDir {
		all = append(all, p)
	}
	return all, err
}

func skip(p, rel string, d fs.DirEntry) error {
	if rel == "." {
		return nil
	}
	_, nested := os.Stat(filepath.Join(p, "go.mod"))
	gossip := rel == "bzzz" || strings.HasPrefix(rel, "bzzz/")
	if nested == nil && !gossip || d.Name() == "node_modules" || d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") {
		return filepath.SkipDir
	}
	return nil
}

func add(byDir map[string]*pkg, p, rel string) error {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, p, nil, parser.ParseComments)
	if err != nil {
		return err
	}
	dir := path.Dir(rel)
	if byDir[dir] == nil {
		byDir[dir] = &pkg{dir: dir, imports: map[string]string{}}
	}
	k := byDir[dir]
	test := strings.HasSuffix(rel, "_test.go")
	k.files = append(k.files, file{rel, test, f, fset})
	if test {
		return nil
	}
	if f.Doc != nil {
		k.doc += f.Doc.Text()
	}
	for _, i := range f.Imports {
		k.imports[strings.Trim(i.Path.Value, `"`)] = rel
	}
	return nil
}
