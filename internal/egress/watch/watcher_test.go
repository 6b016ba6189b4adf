package watch

import (
	"fmt"
	"testing"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/event"
)

func settings() Settings { return Settings{Blocked: 10, Window: 5 * time.Minute, Baseline: true} }

// guard is a Watcher that is told of denials.
type guard struct {
	t   *testing.T
	w   *Watcher
	seq uint64
}

func newGuard(t *testing.T) *guard {
	return &guard{t: t, w: New(Options{Source: "n1/egress", Settings: settings})}
}

// denied tells of n denials of a program, one each step.
func (g *guard) denied(program string, from time.Time, step time.Duration, n int) {
	g.t.Helper()
	for i := range n {
		g.seq++
		s := Sample{Seq: g.seq, Time: from.Add(time.Duration(i) * step), Program: program, Host: "paste.example", Port: 443, Reason: "default_policy"}
		if err := g.w.Observe(s); err != nil {
			g.t.Fatal(err)
		}
	}
}

func (g *guard) alerts() int { return len(g.w.News().Alerts) }

func TestTooManyDenialsAreToldOncePerEpisode(t *testing.T) {
	const curl = "/usr/bin/curl"
	for name, c := range map[string]struct {
		play func(g *guard)
		want int
	}{
		"as many as are let pass":        {func(g *guard) { g.denied(curl, monday, time.Second, 10) }, 0},
		"one more":                       {func(g *guard) { g.denied(curl, monday, time.Second, 11) }, 1},
		"a storm":                        {func(g *guard) { g.denied(curl, monday, time.Millisecond, 5000) }, 1},
		"a storm that goes on for hours": {func(g *guard) { g.denied(curl, monday, 10*time.Second, 2000) }, 1},
		"as many, but slowly":            {func(g *guard) { g.denied(curl, monday, time.Minute, 200) }, 0},
		"of two programs":                {func(g *guard) { g.denied(curl, monday, time.Second, 10); g.denied("/bin/x", monday, time.Second, 10) }, 0},
		"again after a quiet hour": {func(g *guard) {
			g.denied(curl, monday, time.Second, 50)
			g.denied(curl, monday.Add(time.Hour), time.Second, 50)
		}, 2},
		"after the clock was put back": {func(g *guard) {
			g.denied(curl, monday, time.Second, 9)
			g.denied(curl, monday.Add(-time.Hour), time.Second, 9)
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGuard(t)
			c.play(g)
			if got := g.alerts(); got != c.want {
				t.Errorf("told %d times, want %d", got, c.want)
			}
		})
	}
}

func TestAnEpisodeSaysWhoAndHowOften(t *testing.T) {
	g := newGuard(t)
	g.denied("/usr/bin/curl", monday, time.Second, 11)
	e := g.w.News().Alerts[0]
	var p event.ThresholdExceeded
	if err := e.Decode(&p); err != nil {
		t.Fatal(err)
	}
	if p.Blocked != 11 || p.Limit != 10 || p.WindowSeconds != 300 || p.Program != "/usr/bin/curl" || p.Host != "paste.example" || p.Reason != "default_policy" {
		t.Errorf("got %+v", p)
	}
	if e.Subject != "/usr/bin/curl was denied 11 times" || e.Severity != event.Medium || e.Source != "n1/egress" {
		t.Errorf("got %+v", e)
	}
}

// What could not be stored comes again: it counts once, and is told once.
func TestLinesThatComeAgainChangeNothing(t *testing.T) {
	g := newGuard(t)
	g.denied("/usr/bin/curl", monday, time.Second, 11)
	g.seq = 0
	g.denied("/usr/bin/curl", monday, time.Second, 11)
	if got := g.alerts(); got != 1 {
		t.Errorf("%d alerts wait for the store, want the one", got)
	}
	g.w.Stored()
	if got := g.alerts(); got != 0 {
		t.Errorf("%d alerts wait after they were stored", got)
	}
}

func TestTheProgramsThatAreCountedAreBounded(t *testing.T) {
	g := newGuard(t)
	for i := range 3 * maxPrograms {
		g.denied(fmt.Sprint("/tmp/x", i), monday, time.Second, 1)
	}
	if n := len(g.w.blocked.byProgram); n != maxPrograms || g.w.blocked.order.Len() != n {
		t.Errorf("%d programs are counted", n)
	}
}

func TestAPolicyTurnsAlertsOff(t *testing.T) {
	g := newGuard(t)
	g.w.o.Settings = func() Settings { return Settings{} }
	g.denied("/usr/bin/curl", monday, time.Second, 100)
	if n := g.alerts(); n != 0 || len(g.w.baselines.byPair) != 0 {
		t.Errorf("%d alerts", n)
	}
}

// A verdict is a rule that lets pass what was seen, and no more than it says.
func TestVerdictsAsRules(t *testing.T) {
	seen := Endpoint{Program: "/usr/bin/curl", Host: "api.example", Port: 443}
	type ask struct {
		program string
		port    uint16
		after   time.Duration
	}
	same, later := ask{"/usr/bin/curl", 443, 0}, ask{"/usr/bin/curl", 443, OnceFor}
	other, door := ask{"/usr/bin/wget", 443, 0}, ask{"/usr/bin/curl", 22, 0}
	for verdict, lets := range map[Verdict][]ask{
		AllowOnce: {same}, AllowHost: {same, later}, AllowAlways: {same, later, other},
	} {
		rule, err := Review{Verdict: verdict, Note: "the shop's payments", By: "ada", At: monday}.Rule(seen)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := policy.Edit([]byte("# ours\nmode: strict\n"), policy.AddRule(rule))
		if err != nil {
			t.Fatal(err)
		}
		p, err := policy.Parse(doc)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range []ask{same, later, other, door} {
			d := p.Decide(policy.Request{Time: monday.Add(a.after), Host: "api.example", Port: a.port, Program: policy.Program{Exe: a.program}})
			want := false
			for _, l := range lets {
				want = want || l == a
			}
			if d.Allowed() != want {
				t.Errorf("%s: %+v is answered %s (%s)", verdict, a, d.Result, d.Reason)
			}
		}
		if r := p.Rules()[0]; r.VerifiedBy != "ada" || !r.VerifiedAt.Equal(monday) || r.Description != "the shop's payments" {
			t.Errorf("%s: %+v", verdict, r)
		}
	}
}

func TestAVerdictDoesNotWidenByAnAsterisk(t *testing.T) {
	if _, err := (Review{Verdict: AllowHost}).Rule(Endpoint{Program: "/tmp/*", Host: "api.example", Port: 443}); err == nil {
		t.Error("a program with an asterisk in its name became a pattern")
	}
}
