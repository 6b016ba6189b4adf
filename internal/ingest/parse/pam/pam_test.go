package pam

import (
	"flag"
	"testing"

	"go.cordon.dev/cordon/internal/ingest/parse/parsetest"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestConformance(t *testing.T) { parsetest.Run(t, Plugin(), *update) }

func FuzzParse(f *testing.F) { parsetest.Fuzz(f, Plugin()) }

// Any program may use PAM, but a line in which none is named may be anybody's.
func TestALineWithoutAHeaderIsNobodys(t *testing.T) {
	const line = "pam_unix(login:auth): authentication failure; logname= uid=0 euid=0 tty=x ruser= rhost=198.51.100.66  user=root"
	if got := parsetest.Read(Plugin(), line); len(got) > 0 {
		t.Errorf("it is %q", got)
	}
	if got := parsetest.Read(Plugin(), "Nov 22 07:50:08 web-1 anything: "+line); len(got) != 1 {
		t.Errorf("with a header it is %q", got)
	}
}
