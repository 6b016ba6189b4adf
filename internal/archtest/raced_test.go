package archtest

import (
	"flag"
	"go/ast"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the list of packages for the race detector anew")

// racedFile lists the packages that make race runs, a line each.
const racedFile = "../../test/tools/raced"

// racedElsewhere are packages with a line of their own in the Makefile, and what of
// them it runs.
func racedElsewhere() map[string]string {
	return map[string]string{
		"cmd/cordon": "of its scripts those with a server",
		"detect":     "of its tests those with goroutines",
	}
}

// The race detector costs ten times the time and finds nothing where nothing is
// shared. It runs the packages whose own code, beside its tests, starts goroutines,
// serves HTTP, or has what goroutines meet by: sync, sync/atomic, channels.
func TestTheListOfRacedPackagesIsFresh(t *testing.T) {
	var list strings.Builder
	for _, dir := range raced(load(t)) {
		list.WriteString(dir + "\n")
	}
	if *update {
		if err := os.WriteFile(racedFile, []byte(list.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(racedFile); err != nil || string(got) != list.String() {
		t.Errorf("test/tools/raced does not list the packages that share something (%v): run make generate", err)
	}
}

// raced lists the folders, sorted.
func raced(all []*pkg) (dirs []string) {
	for _, p := range all {
		_, elsewhere := racedElsewhere()[p.dir]
		gossip := strings.HasPrefix(p.dir, "bzzz/") // modules of their own, with lines of their own
		tested := slices.ContainsFunc(p.files, func(f file) bool { return f.test })
		if tested && !elsewhere && !gossip && slices.ContainsFunc(p.files, shares) {
			dirs = append(dirs, p.dir)
		}
	}
	slices.Sort(dirs)
	return dirs
}

// shares reports whether a file's code runs beside other code by its own doing.
func shares(f file) bool {
	if f.test {
		return false
	}
	found := slices.ContainsFunc(f.ast.Imports, func(i *ast.ImportSpec) bool {
		return i.Path.Value == `"sync"` || i.Path.Value == `"sync/atomic"`
	})
	ast.Inspect(f.ast, func(n ast.Node) bool {
		found = found || meets(n)
		return !found
	})
	return found
}

// meets reports whether a piece of code starts a goroutine, is called by those of
// net/http, or is a channel.
func meets(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.GoStmt, *ast.ChanType:
		return true
	case *ast.SelectorExpr:
		return n.Sel.Name == "Go" || n.Sel.Name == "AfterFunc"
	case *ast.FuncDecl:
		return n.Recv != nil && n.Name.Name == "ServeHTTP"
	}
	return false
}

// What the rule finds, and what it does not.
func TestWhatSharesIsFound(t *testing.T) {
	for name, want := range map[string]bool{
		"internal/follow": true, "internal/bus/membus": true, "internal/egress": true, "internal/incident": true,
		"internal/egress/sniff": false, "internal/leak/source/file": false, "detect": false, "internal/id": false,
	} {
		if got := slices.Contains(raced(load(t)), name); got != want {
			t.Errorf("%s: raced = %v, want %v", name, got, want)
		}
	}
}
