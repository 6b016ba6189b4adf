package egress

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"go.cordon.dev/cordon/internal/egress/caller"
)

// Rules for programs hold by what the kernel says of the caller, and records
// name it.
func TestProgramsAreKnown(t *testing.T) {
	me := filepath.Base(os.Args[0])
	for exe, want := range map[string]int{me: http.StatusOK, "curl": http.StatusForbidden} {
		w := open(t, "mode: strict\ndefault_policy: deny\nallowlist: {rules: [{host: a.example, programs: [{exe: "+exe+"}]}]}\n", func(o *Options) { o.Callers = caller.New() })
		w.name("a.example", "203.0.113.1")
		w.elsewhere(web(t, http.HandlerFunc(hello)).addr)
		got, body := get(t, w.through(), "http://a.example/")
		if d := w.decisions()[0]; got.StatusCode != want || d.Program.PID != os.Getpid() || filepath.Base(d.Program.Exe) != me {
			t.Errorf("a rule for %s: %s %s, program %+v", exe, got.Status, body, d.Program)
		}
	}
}
