package anomaly

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	guard "go.cordon.dev/cordon/guard/anomaly"
	"go.cordon.dev/cordon/internal/event"
)

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

func newTestTracker(t testing.TB) *tracker {
	t.Helper()
	tr, err := newTracker(guard.Defaults(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func failed(from, user string, at time.Time) event.SecurityRecord {
	return event.SecurityRecord{Kind: event.RecordAuthFailed, SourceIP: from, User: user, Time: at}
}

// story is what a tracker said since it was last asked: state, episode, count.
func story(t testing.TB, tr *tracker) (out []string) {
	t.Helper()
	_, events, err := tr.changes("n/anomaly")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		var p event.AnomalyDetected
		if err := e.Decode(&p); err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprintf("%s %s %s %s %d", p.State, p.Kind, p.KeyKind, p.Key, p.Count))
	}
	return out
}

func wantStory(t testing.TB, tr *tracker, want ...string) {
	t.Helper()
	if got := story(t, tr); !slices.Equal(got, want) {
		t.Errorf("said:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Ten thousand failures are one opening, one event for each doubling, one end.
func TestOneCauseIsOneEpisode(t *testing.T) {
	tr := newTestTracker(t)
	for i := range 10_000 {
		at := noon.Add(time.Duration(i) * 10 * time.Millisecond)
		tr.take([]event.SecurityRecord{failed("203.0.113.9", "root", at)}, at)
	}
	tr.sweep(noon.Add(time.Hour))
	var want []string
	for n := 10; n < 10_000; n *= 2 {
		want = append(want, fmt.Sprintf("growing brute_force ip 203.0.113.9 %d", n))
	}
	want[0] = "opened brute_force ip 203.0.113.9 10"
	wantStory(t, tr, append(want, "closed brute_force ip 203.0.113.9 10000")...)
}

func TestEachKindOfRecord(t *testing.T) {
	with := func(kind string, attributes ...string) event.SecurityRecord {
		r := event.SecurityRecord{Kind: kind, SourceIP: "203.0.113.9", User: "anna", Time: noon, Attributes: map[string]string{}}
		for i := 0; i < len(attributes); i += 2 {
			r.Attributes[attributes[i]] = attributes[i+1]
		}
		return r
	}
	for _, c := range []struct {
		record event.SecurityRecord
		want   string // opened; empty: nothing
		detail string
	}{
		{with(event.RecordPrivilegedContainer, "image", "miner"), "privilege_escalation user anna", "miner"},
		{with(event.RecordPathTraversal, "path", "../x\x1b[2J"), "path_traversal ip 203.0.113.9", `../x\x1b[2J`},
		{with(event.RecordCommandInjection, "input", ";id"), "command_injection ip 203.0.113.9", ";id"},
		{with(event.RecordWebAttack, "attack", "shellshock: () {"), "web_attack ip 203.0.113.9", "shellshock: () {"},
		{with(event.RecordHTTPRequest, "path", "/", "user_agent", "${jndi:ldap://x}"), "web_attack ip 203.0.113.9", "log4shell: ${jndi:ldap://x}"},
		{with(event.RecordHTTPRequest, "path", "/", "referer", "$(id)"), "command_injection ip 203.0.113.9", "$(id)"},
		{with(event.RecordHTTPRequest, "path", "/", "referer", "https://example.com/?a=1&id", "user_agent", "Mozilla/5.0 (X11; Linux x86_64)"), "", ""},
		{with(event.RecordRateLimited, "route", "/login"), "rate_limit_exceeded ip 203.0.113.9", "/login"},
		{with(event.RecordContainerStarted, "image", "web"), "", ""},
		{with(event.RecordContainerStarted, "image", "web", "capabilities", "NET_BIND_SERVICE", "mounts", "/srv/www:/www, /etcetera:/x"), "", ""},
		{with(event.RecordContainerStarted, "image", "web", "privileged", "true"), "suspicious_container user anna", "web (privileged)"},
		{with(event.RecordContainerStarted, "image", "web", "host_pid", "TRUE"), "suspicious_container user anna", "web (host_pid)"},
		{with(event.RecordContainerStarted, "image", "web", "capabilities", "chown, cap_sys_admin"), "suspicious_container user anna", "web (capability SYS_ADMIN)"},
		{with(event.RecordContainerStarted, "image", "web", "mounts", "/srv:/srv, /var/run/docker.sock:/s"), "suspicious_container user anna", "web (mount /var/run/docker.sock)"},
		{with(event.RecordContainerStarted, "image", "web", "mounts", "/:/host"), "suspicious_container user anna", "web (mount /)"},
		{with(event.RecordHTTPRequest, "path", "/a?q=salt+%26+pepper", "status", "200"), "", ""},
		{with(event.RecordHTTPRequest, "path", "/a/..%2f..%2f..%2fetc", "status", "404"), "path_traversal ip 203.0.113.9", "/a/..%2f..%2f..%2fetc"},
		{with(event.RecordHTTPRequest, "path", "/ping?host=x%3Bcat+/etc/passwd", "status", "-"), "command_injection ip 203.0.113.9", "x;cat /etc/passwd"},
		{with(event.RecordHTTPRequest, "path", "/busy?x=1", "status", "429"), "rate_limit_exceeded ip 203.0.113.9", "/busy"},
		{with(event.RecordHTTPRequest, "path", "/login", "status", "401"), "", ""}, // one is none
		{with("weather"), "", ""},
	} {
		tr := newTestTracker(t)
		tr.take([]event.SecurityRecord{c.record}, noon)
		if c.want == "" {
			wantStory(t, tr)
			continue
		}
		if d := tr.changed[0].Detail; d != c.detail {
			t.Errorf("%v: detail %q, want %q", c.record, d, c.detail)
		}
		wantStory(t, tr, "opened "+c.want+" 1")
	}
}

// Logins that a web server refuses are failed logins.
func TestRefusedRequestsAreFailedLogins(t *testing.T) {
	tr := newTestTracker(t)
	for range 10 {
		tr.take([]event.SecurityRecord{{Kind: event.RecordHTTPRequest, Time: noon, SourceIP: "203.0.113.9", Attributes: map[string]string{"path": "/login", "status": "401"}}}, noon)
	}
	wantStory(t, tr, "opened brute_force ip 203.0.113.9 10")
}

// A password sprayed from many addresses shows by the user, or by the network.
func TestWhatIsSpreadShowsByWhatItShares(t *testing.T) {
	tr := newTestTracker(t)
	for i := range 25 {
		tr.take([]event.SecurityRecord{failed(fmt.Sprintf("198.51.%d.7", i), "anna", noon)}, noon)
	}
	wantStory(t, tr, "opened brute_force user anna 25")
	for i := range 50 {
		tr.take([]event.SecurityRecord{failed(fmt.Sprintf("192.0.2.%d", i), fmt.Sprint("user", i), noon)}, noon)
	}
	wantStory(t, tr, "opened brute_force subnet 192.0.2.0/24 50")
}

// What a sender sends again, in whatever batches, counts once.
func TestRecordsAreTakenOnceByTheirID(t *testing.T) {
	tr := newTestTracker(t)
	for range 5 {
		for i := range 9 {
			r := failed("203.0.113.9", "root", noon)
			r.ID = fmt.Sprint("line ", i)
			tr.take([]event.SecurityRecord{r}, noon)
		}
	}
	wantStory(t, tr)
	tr.take([]event.SecurityRecord{failed("203.0.113.9", "root", noon)}, noon)
	wantStory(t, tr, "opened brute_force ip 203.0.113.9 10")
}

// Ids are remembered in bounded memory: the oldest is forgotten.
func TestOldIDsAreForgotten(t *testing.T) {
	r := newRecent()
	for i := range 3 * mostKnown {
		if !r.add(fmt.Sprint(i)) {
			t.Fatalf("%d is said to be known", i)
		}
	}
	if len(r.known) != mostKnown || len(r.order) != mostKnown || r.add(fmt.Sprint(3*mostKnown-1)) || !r.add("0") {
		t.Errorf("%d known, %d in order", len(r.known), len(r.order))
	}
}

// Times of others open no window in the future and close none that is open.
func TestForgedTimesAreWhenTheyWereReceived(t *testing.T) {
	for name, at := range map[string]time.Time{
		"none": {}, "the future": noon.AddDate(5000, 0, 0), "before there were computers": noon.AddDate(-900, 0, 0), "now": noon,
	} {
		tr := newTestTracker(t)
		for i := range 10 {
			tr.take([]event.SecurityRecord{failed("203.0.113.9", "root", at)}, noon.Add(time.Duration(i)*time.Second))
		}
		if e := tr.changed; len(e) != 1 || e[0].OpenedAt.Before(noon) || e[0].OpenedAt.After(noon.Add(9*time.Second)) {
			t.Errorf("%s: %+v", name, e)
		}
		wantStory(t, tr, "opened brute_force ip 203.0.113.9 10")
	}
}

// The order of events does not matter, nor do those that are older than a window.
func TestEventsOutOfOrder(t *testing.T) {
	tr := newTestTracker(t)
	for i := range 9 {
		tr.take([]event.SecurityRecord{failed("203.0.113.9", "root", noon.Add(-time.Duration(i*17%9)*10*time.Second))}, noon)
	}
	tr.take([]event.SecurityRecord{failed("203.0.113.9", "root", noon.Add(-time.Hour))}, noon)
	wantStory(t, tr)
	tr.take([]event.SecurityRecord{failed("203.0.113.9", "root", noon.Add(-time.Minute))}, noon)
	wantStory(t, tr, "opened brute_force ip 203.0.113.9 10")
}

// Ten million sources in bounded memory, and few words: 30 episodes a minute by
// themselves, the others in one. The one who guesses passwords meanwhile is seen.
func TestManySourcesAreBounded(t *testing.T) {
	tr := newTestTracker(t)
	const sources = 100_000 // more than a counter has room for: yet more change nothing
	records := make([]event.SecurityRecord, 1)
	for i := range uint32(sources) {
		at := noon.Add(time.Duration(i) * 100 * time.Microsecond) // 20 s
		from := netip.AddrFrom4([4]byte{byte(i>>24) + 11, byte(i >> 16), byte(i >> 8), byte(i)}).String()
		records[0] = event.SecurityRecord{Kind: event.RecordPathTraversal, SourceIP: from, Attributes: map[string]string{"path": "../x"}, Time: at}
		tr.take(records, at)
		if i%(sources/20) == 0 {
			records[0] = failed("203.0.113.9", "root", at)
			tr.take(records, at)
		}
	}
	if n := len(tr.open); n > 2*1_024 {
		t.Errorf("%d episodes are followed", n)
	}
	got := story(t, tr)
	opened := 0
	for _, s := range got {
		if strings.HasPrefix(s, "opened path_traversal ip") {
			opened++
		}
	}
	if opened != usualBudget || !slices.Contains(got, "opened path_traversal global ip 1") || !slices.Contains(got, "opened brute_force ip 203.0.113.9 10") || len(got) > 60 {
		t.Errorf("%d opened, %d events", opened, len(got))
	}
	tr.sweep(noon.Add(time.Hour))
	if len(tr.open) != 0 || len(tr.loose) != 0 {
		t.Errorf("%d open, %d loose after an hour", len(tr.open), len(tr.loose))
	}
}

// A name of a megabyte is a name; its control characters reach nobody's terminal.
func TestHostileNames(t *testing.T) {
	tr := newTestTracker(t)
	for _, tail := range []string{"x", "\x1b"} {
		name := "root\n\x1b[31m2026-03-14 security_alert \u202e" + strings.Repeat(tail, 1<<20)
		for i := range 25 {
			tr.take([]event.SecurityRecord{failed(fmt.Sprintf("198.51.%d.7", i), name, noon)}, noon)
		}
		e := tr.changed[0].Episode
		if e.KeyKind != "user" || len(e.Key) > mostKey || len(e.User) > 5*mostUser || strings.ContainsAny(e.Key+e.User, "\n\x1b\u202e") {
			t.Errorf("%q %q", e.Key, e.User)
		}
		story(t, tr)
		if tr.sweep(noon.Add(time.Hour)); len(tr.open) != 0 {
			t.Errorf("%d stay open", len(tr.open))
		}
		story(t, tr)
	}
}

// An episode of an earlier run goes on when the windows are read again, and one that
// nothing was heard of since is over.
func TestEpisodesOutliveTheProcess(t *testing.T) {
	before := newTestTracker(t)
	var history []event.SecurityRecord
	for i := range 15 {
		history = append(history, failed("203.0.113.9", "root", noon.Add(time.Duration(i)*time.Second)))
	}
	for i := range 12 {
		history = append(history, failed("198.51.100.7", "root", noon.Add(time.Duration(i)*time.Second)))
	}
	before.take(history, noon.Add(15*time.Second))
	changes, _, err := before.changes("n/anomaly")
	if err != nil || len(changes) != 2 {
		t.Fatalf("%+v, %v", changes, err)
	}
	for name, known := range map[string][]event.SecurityRecord{"with their windows": history, "without": nil} {
		after := newTestTracker(t)
		after.restore([]Episode{changes[0].Episode, changes[1].Episode}, noon.Add(16*time.Second))
		after.silent = true
		after.take(known, noon.Add(15*time.Second))
		after.sweep(noon.Add(16 * time.Second))
		after.silent = false
		wantStory(t, after)
		for i := range 5 {
			at := noon.Add(time.Duration(20+i) * time.Second)
			after.take([]event.SecurityRecord{failed("203.0.113.9", "root", at)}, at)
		}
		wantStory(t, after, "growing brute_force ip 203.0.113.9 20")
		after.sweep(noon.Add(5*time.Minute + 15*time.Second))
		wantStory(t, after, "closed brute_force ip 198.51.100.7 12")
		after.sweep(noon.Add(10 * time.Minute))
		wantStory(t, after, "closed brute_force ip 203.0.113.9 20")
		if len(after.open)+len(after.loose) != 0 {
			t.Errorf("%s: %d open, %d loose", name, len(after.open), len(after.loose))
		}
	}
}

// An episode of a detector that was switched off is over.
func TestEpisodesOfNoDetectorEnd(t *testing.T) {
	tr := newTestTracker(t)
	tr.restore([]Episode{{ID: "a", Kind: "weather", KeyKind: "ip", Key: "203.0.113.9", Count: 3, SeenAt: noon, Window: time.Minute}}, noon)
	wantStory(t, tr, "closed weather ip 203.0.113.9 3")
}

// A sender whose clock is behind, or in another zone, is one cause all the same: an
// episode is over when nothing more of it comes.
func TestClocksThatAreBehind(t *testing.T) {
	for _, behind := range []time.Duration{time.Minute, 10 * time.Minute, 5 * time.Hour, 30 * 24 * time.Hour} {
		tr := newTestTracker(t)
		for i := range 100 {
			now := noon.Add(time.Duration(i) * time.Second)
			var batch []event.SecurityRecord
			for range 10 {
				batch = append(batch, failed("203.0.113.9", "root", now.Add(-behind)))
			}
			tr.sweep(now)
			tr.take(batch, now)
		}
		tr.sweep(noon.Add(time.Hour))
		got := story(t, tr)
		if n := strings.Count(strings.Join(got, "\n"), "opened"); n != 1 || got[len(got)-1] != "closed brute_force ip 203.0.113.9 1000" {
			t.Errorf("%s behind: %d openings, and last %q, of %d things said", behind, n, got[len(got)-1], len(got))
		}
	}
}

// While too many sources are followed for one more, those that come are told of together.
func TestManySourcesHideNobody(t *testing.T) {
	tr := newTestTracker(t)
	wave := func(n int) (said string) {
		for i := range 3_000 {
			tr.take([]event.SecurityRecord{{Kind: event.RecordCommandInjection, SourceIP: fmt.Sprintf("2001:db8:%x:%x::1", i, n), Time: noon}}, noon)
		}
		return strings.Join(story(t, tr), "\n")
	}
	for n := range 3 {
		if said := wave(n); !strings.Contains(said, " command_injection global ip ") {
			t.Errorf("of wave %d is said:\n%s", n, said)
		}
	}
}

// An address is blamed for what it did alone: not for what many did to one user.
func TestNobodyIsBlamedForOthers(t *testing.T) {
	tr := newTestTracker(t)
	for i := range 30 {
		tr.take([]event.SecurityRecord{failed(fmt.Sprintf("203.0.113.%d", i), "anna", noon)}, noon)
	}
	tr.take([]event.SecurityRecord{failed("198.51.100.7", "anna", noon)}, noon) // Anna herself
	for range 29 {
		tr.take([]event.SecurityRecord{failed("198.51.100.7", "anna", noon)}, noon)
	}
	_, events, err := tr.changes("n/anomaly")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		var p event.AnomalyDetected
		if err := e.Decode(&p); err != nil {
			t.Fatal(err)
		}
		if p.KeyKind != "ip" && p.SourceIP != "" {
			t.Errorf("%s: %s %q of %d events is said to be of %s", p.State, p.KeyKind, p.Key, p.Count, p.SourceIP)
		}
	}
}

// Who comes while too many open is told of with the others, and by himself when he goes
// on: a flood does not hide him longer than it lasts.
func TestAFloodHidesNobodyForLong(t *testing.T) {
	tr := newTestTracker(t)
	guess := func(from string, at time.Time) {
		for range 10 {
			tr.take([]event.SecurityRecord{failed(from, "", at)}, at)
		}
	}
	for i := range 40 {
		guess(fmt.Sprintf("203.0.%d.1", i), noon)
	}
	guess("198.51.100.7", noon)
	if said := strings.Join(story(t, tr), "\n"); strings.Contains(said, "198.51.100.7") {
		t.Fatalf("told of among too many:\n%s", said)
	}
	for minute := range 5 {
		at := noon.Add(time.Duration(minute+1) * time.Minute)
		tr.sweep(at)
		guess("198.51.100.7", at)
	}
	said := strings.Join(story(t, tr), "\n")
	if strings.Count(said, "opened brute_force ip 198.51.100.7") != 1 {
		t.Errorf("said:\n%s", said)
	}
	tr.sweep(noon.Add(time.Hour))
	if said := strings.Join(story(t, tr), "\n"); !strings.Contains(said, "closed brute_force ip 198.51.100.7 60") {
		t.Errorf("said:\n%s", said)
	}
}
