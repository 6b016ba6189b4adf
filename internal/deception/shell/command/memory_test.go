package command

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/persona"
	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// Programs that keep what they read count it, lines at what they cost, and end as
// ones that get no more; when they have ended, nothing is counted.
func TestProgramsCountWhatTheyKeep(t *testing.T) {
	for _, tt := range []struct {
		line, says string
		counts     int64 // at least
	}{
		{"dd if=/dev/zero of=/dev/null bs=8M count=4 status=none; echo ok", "ok\n", 7 << 20},
		{"head -c 100000 /dev/zero | gzip -c | gunzip -c | wc -c", "100000\n", 700 << 10},
		{"seq 100000 | sort -rn | tail -1", "1\n", 1 << 20},
		{"head -c 4000000 /dev/zero | tac | wc -c", "4000000\n", 3 << 20},
		{"head -c 3000000 /dev/zero | cut -c1 | wc -c", "2\n", 2 << 20},
		{"yes | head -c 12000000 | sort | tail -1", "sort: memory exhausted\n", 8 << 20},
		{"yes | head -c 100000000 | sort", "sort: memory exhausted\n", 8 << 20},
		{"head -c 3000000 /dev/zero | sed h | wc -c", "3000000\n", 5 << 20},
		{"seq 30000 | sed -n 'H;${x;s/\\n/,/g;p}' | wc -c", "168895\n", 200 << 10},
		{"echo x | sed ':a;G;h;ba'", "sed: memory exhausted\n", 4 << 20},
		{"head -c 3000000 /dev/zero | sed 's/.*/&&&&&&&&/'", "sed: memory exhausted\n", 3 << 20},
		{"head -c 10000000 /dev/zero | sed 's/./ab/g' | wc -c", "sed: memory exhausted\n0\n", 8 << 20},
		{"seq 100 > /tmp/r; seq 100000 | sed 'r /tmp/r' | wc -l", "10100000\n", 0},
		{"seq 300000 > /tmp/n; sed -i 's/1/one/' /tmp/n; wc -l < /tmp/n", "300000\n", 2 << 20},
		{"yes $(head -c 1000 /dev/zero | tr '\\0' y) | head -c 12000000 > /tmp/y; sed -i 's/.*/&&&/' /tmp/y; head -c 2 /tmp/y", "sed: memory exhausted\nyy", 8 << 20},
		{`awk 'BEGIN { for (i = 0; i < 20000; i++) a[i] = "0123456789012345678901234567890123456789"; print length(a) }'`, "20000\n", 1 << 20},
	} {
		t.Run(tt.line, func(t *testing.T) {
			var now, peak atomic.Int64
			more := func(n int64) bool {
				if at := now.Add(n); at > peak.Load() {
					peak.Store(at)
				}
				return true
			}
			m := tallied(t, more)
			var out strings.Builder
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			m.Run(ctx, shell.Login{User: "root", Command: tt.line, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out})
			if got := out.String(); got != tt.says {
				t.Errorf("it says %q", got)
			}
			if peak.Load() < tt.counts || peak.Load() > 32<<20 || now.Load() != 0 {
				t.Errorf("at most %d bytes were counted, %d at the end", peak.Load(), now.Load())
			}
		})
	}
}

// A line of any length is read in linear time: what is copied is a few times the line.
func TestALongLineIsReadOnce(t *testing.T) {
	m := tallied(t, func(int64) bool { return true })
	const long = 4_000_000
	copied := func() uint64 {
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		return s.TotalAlloc
	}
	before := copied()
	var out strings.Builder
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	m.Run(ctx, shell.Login{User: "root", Command: fmt.Sprintf("head -c %d /dev/zero | grep -c x", long), Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out})
	if got := out.String(); got != "0\n" {
		t.Errorf("it says %q", got)
	}
	if got := copied() - before; got > 25*long {
		t.Errorf("a line of %d bytes takes %d", long, got)
	}
}

// tallied is a machine that tells what its logins take.
func tallied(t *testing.T, more func(int64) bool) *shell.Machine {
	c := clock.Real{}
	p, err := persona.New("decky-1", "linux-server", [persona.SeedSize]byte{9}, c.Now(), persona.Given{})
	if err != nil {
		t.Fatal(err)
	}
	return shell.NewMachine(p, shell.Options{Clock: c, Files: vfs.New(tree(p), c.Now, vfs.Limits{}), Commands: All(), Limits: shell.Limits{More: more}})
}

// A database of the system that the attacker has made long, be it of nothing,
// costs those who look into it no more than its beginning.
func TestALongDatabaseCostsItsBeginning(t *testing.T) {
	for _, line := range []string{
		"cp /etc/passwd /tmp/p; truncate -s 60M /etc/passwd; for i in 1 2 3 4 5 6 7 8; do id root >/dev/null; done",
		"yes '' | head -c 8000000 >> /etc/shadow; for i in 1 2 3 4 5 6 7 8; do passwd -l root; done",
		"truncate -s 60M /etc/motd /var/log/syslog; for i in 1 2 3 4 5 6 7 8; do file /etc/motd; journalctl; done",
	} {
		t.Run(line, func(t *testing.T) {
			m := tallied(t, func(int64) bool { return true })
			var s runtime.MemStats
			runtime.ReadMemStats(&s)
			before := s.TotalAlloc
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			m.Run(ctx, shell.Login{User: "root", Command: line, Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard})
			runtime.ReadMemStats(&s)
			if got := s.TotalAlloc - before; got > 400<<20 {
				t.Errorf("%d MiB are taken", got>>20)
			}
		})
	}
}

// Who asks for many accounts pays for each: the files are read from the beginning.
func TestManyAccountsArePaidFor(t *testing.T) {
	for _, line := range []string{"id $(seq 20000)", "groups $(seq 20000)", "yes root:a | head -20000 | chpasswd"} {
		t.Run(line, func(t *testing.T) {
			c := clock.Real{}
			p, err := persona.New("decky-1", "linux-server", [persona.SeedSize]byte{9}, c.Now(), persona.Given{})
			if err != nil {
				t.Fatal(err)
			}
			limits := shell.Limits{Steps: 300_000, Burst: 1 << 40}
			m := shell.NewMachine(p, shell.Options{Clock: c, Files: vfs.New(tree(p), c.Now, vfs.Limits{}), Commands: All(), Limits: limits})
			status, signal := m.Run(t.Context(), shell.Login{User: "root", Command: line, Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard})
			if signal != "KILL" {
				t.Errorf("it ended with status %d, signal %q", status, signal)
			}
		})
	}
}
