package sshd

import (
	"flag"
	"fmt"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/ingest/parse/parsetest"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestConformance(t *testing.T) { parsetest.Run(t, Plugin(), *update) }

func FuzzParse(f *testing.F) { parsetest.Fuzz(f, Plugin()) }

// What is remembered is bounded: an attacker with many connections makes older
// ones forgotten, which costs one record too many for each, and never one too few.
func TestForgottenConnectionsAreCountedAgain(t *testing.T) {
	var lines strings.Builder
	say := func(form string, n int) {
		fmt.Fprintf(&lines, "Nov 22 07:50:09 web-1 sshd[9]: "+form+"\n", n%256, 1024+n/256)
	}
	const others = mostSeen + 10
	say("Failed password for root from 198.51.100.%d port %d ssh2", 0)
	for n := range others {
		say("Failed password for root from 203.0.113.%d port %d ssh2", n)
	}
	say("Connection closed by authenticating user root 198.51.100.%d port %d [preauth]", 0)
	say("Connection closed by authenticating user root 203.0.113.%d port %d [preauth]", others-1)
	if got := len(parsetest.Read(Plugin(), lines.String())); got != 1+others+1 {
		t.Errorf("%d records, want %d", got, 1+others+1)
	}
}
