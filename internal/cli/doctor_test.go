package cli

import (
	"bytes"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/api"
)

// Who asks what is wrong does not look for it among what is well.
func TestTheDoctorTellsTheWorstFirst(t *testing.T) {
	check := func(name, status string) api.Check { return api.Check{Name: name, Kind: "worker", Status: status} }
	var out bytes.Buffer
	if err := checkTable(&out, []api.Check{check("a", "ok"), check("b", "degraded"), check("c", "ok"), check("d", "failing")}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	for k, want := range []string{"STATUS", "failing", "degraded", "ok", "ok", "1 failing, 1 degraded, 2 ok"} {
		if k >= len(lines) || !strings.HasPrefix(lines[k], want) {
			t.Fatalf("line %d is not %s:\n%s", k, want, out.String())
		}
	}
}
