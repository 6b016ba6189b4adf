package command

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/persona"
	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// A search takes of a login's steps as it goes on, and ends with them: nothing that is
// searched for, wherever, keeps a processor.
func TestASearchEndsWithItsLogin(t *testing.T) {
	const long = "head -c 3000000 /dev/zero | tr '\\0' a"
	for name, line := range map[string]string{
		"grep, an expression that is long when written out": long + " | grep -cE 'a{1000}a{1000}a{1000}a{1000}a{1000}b'",
		"grep, every match looks to the end":                long + " | grep -oE '.*x|.' | wc -l",
		"grep, many expressions":                            "seq 1000000 > /tmp/f; grep -c -f /tmp/f /tmp/f",
		"[[, an expression that is long when written out":   "x=$(" + long + "); [[ $x =~ a{1000}a{1000}a{1000}a{1000}a{1000}b ]]",
		"sed, every match looks to the end":                 long + " | sed 's/.*x\\|./y/g'",
		"awk, every match looks to the end":                 long + ` | awk '{ gsub(/a*x|a/, "y") }'`,
		"awk, every part looks to the end":                  long + " | awk '{ split($0, p, /a*x|a/) }'",
		"killall, many names":                               "killall $(seq 100000)",
		"expr, an expression that is long when written out": "expr $(head -c 100000 /dev/zero | tr '\\0' a) : '\\(a*\\)\\{900\\}b'",
	} {
		t.Run(name, func(t *testing.T) {
			c := clock.Real{}
			p, err := persona.New("decky-1", "linux-server", [persona.SeedSize]byte{9}, c.Now(), persona.Given{})
			if err != nil {
				t.Fatal(err)
			}
			m := shell.NewMachine(p, shell.Options{
				Clock: c, Files: vfs.New(tree(p), c.Now, vfs.Limits{}), Commands: All(),
				Limits: shell.Limits{Steps: 200_000, Burst: 1 << 40},
			})
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
			defer cancel()
			m.Run(ctx, shell.Login{User: "anna", Command: line, Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard})
			if ctx.Err() != nil {
				t.Error("it did not end by itself")
			}
		})
	}
}

// An expression that takes much memory is refused in the C library's words, and many
// small ones end a program as one that gets no more.
func TestExpressionsAreBounded(t *testing.T) {
	for _, tt := range []struct{ line, says string }{
		{"echo a | grep -E $(for i in $(seq 3000); do printf 'x{1000}'; done)", "grep: Regular expression too big\n"},
		{"echo a | grep $(head -c 100000 /dev/zero | tr '\\0' '\\351')", "grep: Regular expression too big\n"},
		{"echo a | sed -E s/$(for i in $(seq 3000); do printf 'x{1000}'; done)//", "sed: -e expression #1, char 21004: Regular expression too big\n"},
		{"echo a > /tmp/a; find /tmp/a -regex $(for i in $(seq 300); do printf 'x\\{1000\\}'; done)", "Regular expression too big"},
		{"echo aé | grep -o é", "é\n"},
		{"for i in $(seq 2000); do echo 'x{1000}'; done > /tmp/f; echo a | grep -E -f /tmp/f", "grep: memory exhausted\n"},
		{"kill -9 $(pgrep nginx); lsof -i | head -1", "COMMAND   PID     USER   FD   TYPE DEVICE SIZE/OFF NODE NAME\n"},
	} {
		m, _, s := machine(t)
		if got := run(t, m, s, "root", tt.line); !strings.Contains(got.out+got.err, tt.says) {
			t.Errorf("%.60s says %.200q %.200q", tt.line, got.out, got.err)
		}
	}
}
