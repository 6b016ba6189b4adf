package archtest

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// isDecoyRoom says where attackers are talked with. servicetest is a test's
// client.
func isDecoyRoom(dir string) bool {
	under := func(prefix string) bool { return dir == prefix || strings.HasPrefix(dir, prefix+"/") }
	return (under("internal/deception/service") || under("internal/deception/shell") || under("internal/deception/persona")) &&
		!under("internal/deception/service/servicetest")
}

// A decky reaches nobody, runs nothing and reads no file of the machine that it
// runs on (the fourth invariant): its rooms have no means to.
func TestADeckyReachesNobody(t *testing.T) {
	seen := false
	for _, p := range load(t) {
		if !isDecoyRoom(p.dir) {
			continue
		}
		seen = true
		for imp, where := range p.imports {
			if slices.Contains([]string{"os", "os/exec", "os/signal", "syscall", "unsafe", "plugin", "net/smtp", "net/rpc", "mvdan.cc/sh/v3/interp"}, imp) || strings.HasPrefix(imp, "golang.org/x/sys") {
				t.Errorf("%s imports %s: what talks with attackers has no hold of the machine", where, imp)
			}
		}
		for _, f := range p.files {
			if !f.test {
				reaching(t, f)
			}
		}
	}
	if !seen {
		t.Error("there are no rooms of deckies: has the folder moved?")
	}
}

// reaching reports what could open a connection or ask a name server.
func reaching(t *testing.T, f file) {
	ast.Inspect(f.ast, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		from, ok := sel.X.(*ast.Ident)
		if ok && reaches(from.Name, sel.Sel.Name) {
			t.Errorf("%s uses %s.%s: a decky reaches nobody", f.fset.Position(sel.Pos()), from.Name, sel.Sel.Name)
		}
		return true
	})
}

func reaches(pkg, name string) bool {
	switch pkg {
	case "net":
		return strings.HasPrefix(name, "Dial") || strings.HasPrefix(name, "Lookup") || strings.HasPrefix(name, "Resolve") || strings.HasPrefix(name, "File") || name == "Resolver" || name == "DefaultResolver"
	case "tls":
		return strings.HasPrefix(name, "Dial") || name == "Client"
	case "http":
		return slices.Contains([]string{"Get", "Post", "PostForm", "Head", "Client", "DefaultClient", "Transport", "DefaultTransport", "FileServer", "Dir", "ServeFile"}, name)
	}
	return false
}

func TestWhatReachesIsKnown(t *testing.T) {
	for _, tt := range []struct {
		pkg, name string
		want      bool
	}{
		{"net", "Dial", true}, {"net", "Dialer", true}, {"net", "LookupHost", true}, {"net", "Listen", false}, {"net", "Conn", false},
		{"tls", "Client", true}, {"tls", "Server", false}, {"http", "Get", true}, {"http", "StatusText", false},
	} {
		if reaches(tt.pkg, tt.name) != tt.want {
			t.Errorf("%s.%s: want %t", tt.pkg, tt.name, tt.want)
		}
	}
}
