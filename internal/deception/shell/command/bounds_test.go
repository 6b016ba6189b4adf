package command

import (
	"context"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/persona"
	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// limited is a machine whose logins have these limits.
func limited(t *testing.T, limits shell.Limits) *shell.Machine {
	t.Helper()
	c := clock.Real{}
	p, err := persona.New("decky-1", "linux-server", [persona.SeedSize]byte{9}, c.Now(), persona.Given{})
	if err != nil {
		t.Fatal(err)
	}
	return shell.NewMachine(p, shell.Options{Clock: c, Files: vfs.New(tree(p), c.Now, vfs.Limits{}), Commands: All(), Limits: limits})
}

// says is what a login of root's prints. It ends with the test's patience at the latest.
func says(t *testing.T, m *shell.Machine, line string) (out, signal string) {
	t.Helper()
	var b strings.Builder
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	_, signal = m.Run(ctx, shell.Login{User: "root", Command: line, Stdin: strings.NewReader(""), Stdout: &b, Stderr: io.Discard})
	if ctx.Err() != nil {
		t.Fatalf("%s does not end", line)
	}
	return b.String(), signal
}

// Bytes are paid for, not turns of a loop alone: each line does in few turns what keeps a
// processor busy, and a login that had as many steps as turns would do it without end.
func TestBytesArePaidFor(t *testing.T) {
	for _, line := range []string{
		"head -c 200M /dev/urandom > /dev/null",
		"cat /dev/zero | head -c 200M > /dev/null",
		"dd if=/dev/urandom of=/dev/null bs=8M count=30",
		"dd if=/dev/zero of=/dev/null bs=8M skip=30 count=1",
		"head -c 100M /dev/zero | sha256sum",
		"head -c 100M /dev/zero | wc",
		"head -c 100M /dev/zero | tr a b > /dev/null",
		"head -c 10M /dev/zero | gzip -c > /dev/null",
		"head -c 10M /dev/zero > /tmp/z; tar czf /dev/null /tmp/z",
		"head -c 40M /dev/zero | strings",
	} {
		t.Run(line, func(t *testing.T) {
			if _, signal := says(t, limited(t, shell.Limits{Steps: 20_000, Burst: 1 << 40}), line); signal != "KILL" {
				t.Errorf("it ended with signal %q, for less than it takes", signal)
			}
		})
	}
}

// A format costs little to write and much to fill in: what is made by one is bounded.
func TestFormatsAreBounded(t *testing.T) {
	many := func(spec string) string {
		return "f=$(printf '" + strings.ReplaceAll(spec, "%", "%%") + "%.0s' {1..2000}); "
	}
	for _, line := range []string{
		many("%999999p") + "find /etc/hostname -printf \"$f\" | wc -c",
		many("%999999n") + "stat -c \"$f\" /etc/hostname | wc -c",
		many("%999d") + "date +\"$f$f$f\" | wc -c",
		many("%999d") + "ls -l --time-style=\"+$f$f\" /etc | wc -c",
		many("%[1]999999f") + "seq -f \"$f\" 1 | wc -c",
		many("{}") + "head -c 100000 /dev/zero | tr '\\0' x | xargs -I{} echo \"$f\" | wc -c",
		many("{}") + "d=/tmp/$(printf '%0250d' 1); mkdir $d; find $d -exec echo \"$f\" \\; | wc -c",
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		out, _ := says(t, limited(t, shell.Limits{}), line)
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; took > 128<<20 {
			t.Errorf("%.60s takes %d MiB and gives %s", line[strings.Index(line, ";"):], took>>20, strings.TrimSpace(out))
		}
	}
}

// What people do on a machine is not slowed down.
func TestUsualWorkIsWithinTheBurst(t *testing.T) {
	const burst = 500_000 // shell.Limits.Burst by default
	for line, want := range map[string]string{
		"dd if=/dev/zero of=/dev/null bs=1M count=1000 status=none; echo ok":                                                                       "ok\n",
		"head -c 20M /dev/urandom > /tmp/x; sha256sum /tmp/x > /tmp/y; wc -c < /tmp/x":                                                             "20971520\n",
		"head -c 2M /dev/urandom > /tmp/x; tar czf /tmp/x.tgz -C /tmp x; mkdir /tmp/o; tar xzf /tmp/x.tgz -C /tmp/o; cmp /tmp/x /tmp/o/x; echo $?": "0\n",
	} {
		if out, signal := says(t, limited(t, shell.Limits{Steps: burst, Burst: 1 << 40}), line); out != want || signal != "" {
			t.Errorf("%s: %q, signal %q", line, out, signal)
		}
	}
}

// A named pipe joins those who open its two sides, who wait for each other.
func TestNamedPipes(t *testing.T) {
	for line, want := range map[string]string{
		"mkfifo /tmp/p; echo hi > /tmp/p & cat /tmp/p":                                                               "hi\n",
		"mkfifo /tmp/p; (echo a; echo b) > /tmp/p & while read l; do echo \"<$l>\"; done < /tmp/p":                   "<a>\n<b>\n",
		"mkfifo /tmp/p; cat /tmp/p | tr a-z A-Z & echo x > /tmp/p; wait":                                             "X\n",
		"mkfifo /tmp/p; cat < /tmp/p & exec 3> /tmp/p; echo one >&3; echo two >&3; exec 3>&-; wait":                  "one\ntwo\n",
		"mkfifo /tmp/p; exec 3<> /tmp/p; echo mine >&3; read x <&3; echo $x":                                         "mine\n",
		"mkfifo /tmp/p; timeout 1 cat /tmp/p; echo $?":                                                               "124\n",
		"mkfifo /tmp/p; echo lost 1<> /tmp/p; timeout 1 cat /tmp/p; echo $?":                                         "124\n",
		"mkfifo /tmp/f; cat /tmp/f | sh 2>&1 | head -c 4 > /tmp/out & echo 'echo back' > /tmp/f; wait; cat /tmp/out": "back",
	} {
		if out, _ := says(t, limited(t, shell.Limits{}), line); out != want {
			t.Errorf("%s: %q, want %q", line, out, want)
		}
	}
}

// Whoever makes a pipe of a file that logins read has no login wait for it.
func TestALoginDoesNotWaitForAPipe(t *testing.T) {
	for _, line := range []string{
		"rm /etc/passwd; mkfifo /etc/passwd",
		"rm /etc/group; mkfifo /etc/group",
		"rm -f ~/.bashrc ~/.profile; mkfifo /tmp/x; chmod 755 /tmp/x; timeout 1 /tmp/x",
	} {
		m := limited(t, shell.Limits{})
		says(t, m, line)
		says(t, m, "echo in") // whatever it says, it ends
	}
}

// Programs close what they open: nobody runs a machine out of files by asking again.
func TestProgramsCloseTheirFiles(t *testing.T) {
	for _, line := range []string{"lastb", "last", "who", "id root", "dd if=/etc/passwd of=/tmp/x", "tail -n 1 /etc/passwd", "gzip -kf /etc/passwd", "file /etc/passwd", "cmp /etc/passwd /etc/group", "crontab -l"} {
		m := limited(t, shell.Limits{})
		out, _ := says(t, m, "for i in {1..1100}; do "+line+" >/dev/null 2>&1; done; cat /etc/debian_version")
		if !strings.HasPrefix(out, "12") {
			t.Errorf("after many of %q the machine says %q", line, out)
		}
	}
}
