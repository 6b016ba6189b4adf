package shell

import (
	"context"
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
)

// What would take a machine down costs a login its own budget and nothing more.
func TestALoginIsBounded(t *testing.T) {
	small := Limits{Steps: 200_000, Burst: 1 << 40, Memory: 4 << 20, Output: 1 << 20, Processes: 16}
	for name, script := range map[string]string{
		"an endless loop":             "while :; do :; done",
		"endless recursion":           "f() { f; }; f",
		"endless output":              "yes",
		"endless captured output":     "x=$(yes)",
		"a growing variable":          "x=aaaaaaaa; while :; do x=$x$x; done",
		"a growing array":             "while :; do a+=(aaaaaaaaaaaaaaaa); done",
		"many braces":                 "echo {1..999}{1..999}{1..999}",
		"deep nesting":                strings.Repeat("(", 60_000),
		"deep arithmetic":             "echo $((" + strings.Repeat("(", 5000) + "1" + strings.Repeat(")", 5000) + "))",
		"a name that is itself":       "a=a; echo $((a))",
		"a pattern with many stars":   "x=" + strings.Repeat("a", 3000) + "; for i in 1 2 3; do echo ${x//*a*a*a*b/}; done",
		"a script that runs itself":   "echo 'sh ./s' > /tmp/s; sh /tmp/s",
		"sourcing oneself":            "echo '. /tmp/s' > /tmp/s; . /tmp/s",
		"a trap that raises its own":  "trap 'kill -USR1 $$' USR1; kill -USR1 $$; while :; do :; done",
		"a file without end":          "while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa >> /tmp/f; done",
		"an interpreter of itself":    "printf '#!/tmp/s\\n' > /tmp/s; chmod +x /tmp/s; /tmp/s",
		"a program that breaks":       "crash",
		"aliases of each other":       "shopt -s expand_aliases\nalias a=b b=a\na",
		"eval of itself":              "x='eval \"$x\"'; eval \"$x\"",
		"eval of much":                "x=': a a a a a a a a a a a a a a a a;'; for i in {1..12}; do x=$x$x; done; while :; do eval \"if false; then $x fi\"; done",
		"groups without an end":       "x=$(printf '@(%.0s' {1..60}); [[ a == $x ]]",
		"groups in groups":            "shopt -s extglob\nx=aaaaaaaaaaaaaaaa; for i in 1 2 3 4 5 6 7 8 9 10; do x=$x$x; done\ncase $x in +(+(a|b)|+(a|c)|!(d))e) ;; esac",
		"brackets without an end":     "x='[[[[[[[[[[[[[[[['; for i in {1..16}; do x=$x$x; done; [[ a == $x ]]",
		"a pattern as long as a text": "x='????????????????'; for i in {1..17}; do x=$x$x; done; [[ $x == $x ]]",
		"a long list of && and pipes": strings.Repeat("true && ", 5000) + "true; " + strings.Repeat("true | ", 300) + "true",
	} {
		t.Run(name, func(t *testing.T) {
			m := testMachine(t, small)
			m.clock = hurried{}
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
			defer cancel()
			m.Run(ctx, Login{User: "anna", Command: script, Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard})
			if ctx.Err() != nil {
				t.Error("it did not end by itself")
			}
			if n := len(m.Processes()); n != 1 {
				t.Errorf("%d processes are left", n-1)
			}
		})
	}
}

func TestAForkBombEndsAsBashDoes(t *testing.T) {
	m := testMachine(t, Limits{Processes: 12, Steps: 100_000})
	m.clock = hurried{}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	errs := &until{text: "fork: retry: Resource temporarily unavailable", then: cancel}
	// The login waits for its client: with its end the bomb would end, before it is large.
	m.Run(ctx, Login{User: "anna", Command: ":(){ :|:& };:; cat", Stdin: blocked{make(chan struct{})}, Stdout: io.Discard, Stderr: errs})
	if errs.then != nil {
		t.Errorf("it says %.200q", errs.said.String())
	}
}

// until calls a function when a text is written, once.
type until struct {
	mu   sync.Mutex
	said strings.Builder
	text string
	then func() // nil: it was written
}

func (u *until) Write(b []byte) (int, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.said.Write(b)
	if u.then != nil && strings.Contains(u.said.String(), u.text) {
		u.then()
		u.then = nil
	}
	return len(b), nil
}

func TestTheEndOfALoginEndsWhatItStarted(t *testing.T) {
	m := testMachine(t, Limits{})
	m.try(t, "anna", "sleep 1000 & (sleep 1000 &) ; { sleep 1000 | cat; } & echo started", "")
	if n := len(m.Processes()); n != 1 {
		t.Errorf("%d processes are left", n-1)
	}
	ctx, cancel := context.WithCancel(context.Background())
	m.Run(ctx, Login{User: "anna", Command: "echo now; cat", Stdin: blocked{make(chan struct{})}, Stdout: onWrite(cancel), Stderr: io.Discard})
}

// onWrite is told when something is printed.
type onWrite func()

func (w onWrite) Write(b []byte) (int, error) { w(); return len(b), nil }

// hurried is a clock by which whoever waits has waited.
type hurried struct{ clock.Real }

func (hurried) After(time.Duration) <-chan time.Time {
	c := make(chan time.Time, 1)
	c <- time.Time{}
	return c
}

// What waits in descriptors is a login's memory as everything else: texts of
// here-documents and what pipes hold that nobody reads.
func TestOpenDescriptorsAreBounded(t *testing.T) {
	const most = 4 << 20
	for name, script := range map[string]string{
		"here-strings":          `x=aaaaaaaaaaaaaaaa; for i in {1..15}; do x=$x$x; done; for i in {10..300}; do eval "exec $i<<<\$x"; done`,
		"here-documents":        "x=aaaaaaaaaaaaaaaa; for i in {1..15}; do x=$x$x; done; for i in {10..300}; do eval \"exec $i<<E\n\\$x\nE\n\"; done",
		"process substitutions": `for i in {10..600}; do exec {fd}< <(printf '%065536d' 1); done`,
		"many coprocesses":      `for i in {1..8000}; do coproc :; done`,
		"coprocesses":           `for i in {1..400}; do coproc printf '%060000d' 1; done`,
	} {
		t.Run(name, func(t *testing.T) {
			m := testMachine(t, Limits{Memory: most, Processes: 1024})
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			before, held := heap(), int64(0)
			measured, errs := &until{text: "held", then: func() { held = heap() - before; cancel() }}, &until{}
			m.Run(ctx, Login{User: "anna", Command: script + "\necho held; cat", Stdin: blocked{make(chan struct{})}, Stdout: measured, Stderr: errs})
			if said := errs.said.String(); measured.then != nil && !strings.Contains(said, "cannot create temp file for here-document") && !strings.Contains(said, "cannot allocate") {
				t.Fatalf("it did not come to its end: %.300s", errs.said.String())
			}
			if held > 4*most {
				t.Errorf("%d MiB are held by a login that may have %d", held>>20, most>>20)
			}
		})
	}
}

// What a command is built of is memory, too, however short it is written.
func TestWordsAreBounded(t *testing.T) {
	const most = 4 << 20
	grow := "x=aaaaaaaaaaaaaaaa; for i in {1..15}; do x=$x$x; done; " // 512 KiB
	for name, script := range map[string]string{
		"one word of many":             grow + ": \"" + strings.Repeat("$x", 400) + "\"",
		"many words":                   grow + ": " + strings.Repeat("\"$x$x\" ", 200),
		"words of a loop":              grow + "for w in " + strings.Repeat("\"$x$x\" ", 200) + "; do :; done",
		"a here-document":              grow + ": <<E\n" + strings.Repeat("$x", 400) + "\nE",
		"a pattern":                    grow + "case a in " + strings.Repeat("$x", 400) + ") ;; esac",
		"defaults in defaults":         grow + ": " + strings.Repeat("\"${none:-$x$x}\"", 200),
		"one field for each character": "x='a a a a a a a a '; for i in {1..16}; do x=$x$x; done; : $x",
		"replacing by much":            grow + ": \"${x//a/$x}\"",
		"replacing by matches":         grow + ": \"${x/*/" + strings.Repeat("&", 300) + "}\"",
		"printing wide":                "f=$(printf '%%1000000s%.0s' {1..2000}); printf \"$f\" > /dev/null",
		"words of functions":           grow + "f() { [ $1 -gt 0 ] && f $(($1-1)) \"$x\"; }; f 300",
	} {
		t.Run(name, func(t *testing.T) {
			m := testMachine(t, Limits{Memory: most})
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			got := m.try(t, "anna", script, "")
			runtime.ReadMemStats(&after)
			if !strings.Contains(got.err, "cannot allocate") {
				t.Errorf("it says %.200q", got.err)
			}
			if took := after.TotalAlloc - before.TotalAlloc; took > 32*most {
				t.Errorf("%d MiB are taken by a login that may have %d", took>>20, most>>20)
			}
		})
	}
}

func heap() int64 {
	var s runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&s)
	return int64(s.HeapAlloc)
}

// A descriptor beyond what there are costs no open file.
func TestADescriptorThatThereIsNotIsClosed(t *testing.T) {
	m := testMachine(t, Limits{})
	got := m.try(t, "anna", "for i in {1..1100}; do true 5000</etc/passwd; done 2>/dev/null; read x < /etc/passwd && echo open", "")
	if got.out != "open\n" {
		t.Errorf("%+v", got)
	}
}

// blocked is a client that sends nothing until it is closed.
type blocked struct{ c chan struct{} }

func (b blocked) Read([]byte) (int, error) { <-b.c; return 0, io.EOF }
func (b blocked) Close() error             { close(b.c); return nil }

// An idle interactive session takes less than 64 KiB.
func TestAnIdleSessionIsSmall(t *testing.T) {
	const sessions = 200
	measure := func() int64 {
		runtime.GC()
		runtime.GC()
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		return int64(s.HeapAlloc + s.StackInuse)
	}
	m := testMachine(t, Limits{})
	before := measure()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	ready := make(chan struct{}, sessions)
	for range sessions {
		go func() {
			w := &prompts{ready: ready}
			m.Run(ctx, Login{User: "root", Terminal: &Terminal{Term: "xterm", Columns: 80, Rows: 24}, Stdin: blocked{make(chan struct{})}, Stdout: w, Stderr: w})
			done <- struct{}{}
		}()
	}
	for range sessions {
		<-ready
	}
	per := (measure() - before) / sessions
	cancel()
	for range sessions {
		<-done
	}
	if t.Logf("%d bytes for each of %d idle sessions", per, sessions); per > 64<<10 {
		t.Errorf("an idle session takes %d bytes", per)
	}
}

// prompts tells when a prompt is shown.
type prompts struct {
	ready chan struct{}
	told  bool
}

func (p *prompts) Write(b []byte) (int, error) {
	if !p.told && strings.Contains(string(b), "# ") {
		p.told = true
		p.ready <- struct{}{}
	}
	return len(b), nil
}

// Whatever is typed, nothing panics and all ends.
func FuzzShell(f *testing.F) {
	for _, s := range scripts(f, "bash.txt") {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, script string) {
		if strings.Contains(script, "sleep") || strings.Contains(script, "/dev/tcp") || strings.Contains(script, "/dev/udp") {
			return // they wait as they are told to
		}
		m := testMachine(t, Limits{Steps: 20_000, Burst: 1 << 40, Memory: 1 << 20, Output: 1 << 16, Processes: 1 << 20, Depth: 60})
		m.try(t, "anna", script, "")
	})
}
