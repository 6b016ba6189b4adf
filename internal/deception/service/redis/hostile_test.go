package redis

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/deception/service"
)

// long sends one request of any size and returns the reply's first line.
func (v *visitor) long(args ...string) string {
	v.t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(args))
	for _, a := range args {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(a), a)
	}
	_ = v.conn.SetDeadline(time.Now().Add(time.Minute))
	if _, err := io.WriteString(v.conn, b.String()); err != nil {
		return "closed"
	}
	return v.read()
}

func many(n int, of string) []string { return slices.Repeat([]string{of}, n) }

// One request costs a bounded number of steps, whatever it multiplies.
func TestRequestsThatMultiplyAreRefused(t *testing.T) {
	v := visit(t, made(t, service.Config{"keys": -1}), "203.0.113.9:4000")
	members, scored := []string{"SADD", "s"}, []string{"ZADD", "z"}
	for i := range 10_000 {
		members = append(members, fmt.Sprint("m", i))
		scored = append(scored, fmt.Sprint(10_000-i), fmt.Sprint("m", i))
	}
	if got := v.long(members...); got != ":10000" {
		t.Fatal(got)
	}
	if got := v.long(scored...); got != ":10000" {
		t.Fatal(got)
	}
	v.long("SET", "text", strings.Repeat("a", 1<<20))
	for name, args := range map[string][]string{
		"SORT":        append([]string{"SORT", "s", "BY", "nosort"}, strings.Fields(strings.Repeat("GET # ", 20_000))...),
		"BITOP":       append([]string{"BITOP", "AND", "to"}, many(20_000, "text")...),
		"ZUNIONSTORE": append([]string{"ZUNIONSTORE", "to", "20000"}, many(20_000, "z")...),
		"SUNION":      append([]string{"SUNION"}, many(20_000, "s")...),
		"SINTERCARD":  append([]string{"SINTERCARD", "20000"}, many(20_000, "s")...),
	} {
		if got := v.long(args...); got != "-"+errMemory {
			t.Errorf("%s: %.80q", name, got)
		}
	}
	v.long("MULTI")
	for range 300 {
		v.long("LRANGE", "text", "0", "0") // counts as what it would take
		v.long("ZCOUNT", "z", "-inf", "+inf")
	}
	if got := v.long("EXEC"); !strings.HasSuffix(got, "-"+errMemory) {
		t.Errorf("EXEC ends with %.80q", got[max(0, len(got)-80):])
	}
	if got := v.long("KEYS", strings.Repeat("*a", 1<<17)+"b"); got != "" {
		t.Errorf("KEYS: %.80q", got)
	}
	if got := strings.Fields(v.long("ZPOPMIN", "z", "10000")); len(got) != 20_000 || got[1] != "1" || got[19_999] != "10000" {
		t.Errorf("ZPOPMIN gives %d", len(got))
	}
}

// A script that multiplies what it is given is refused before that is made.
func TestScriptsThatMultiplyAreRefused(t *testing.T) {
	s := made(t, service.Config{"keys": -1})
	v := visit(t, s, "203.0.113.9:4000")
	push := append([]string{"RPUSH", "l"}, many(8, strings.Repeat("x", 1<<18))...)
	if got := v.long(push...); got != ":8" {
		t.Fatal(got)
	}
	large := strings.Repeat("a", 1<<18)
	for name, args := range map[string][]string{
		"replies that are kept":   {"EVAL", "return {" + strings.Repeat("redis.call('LRANGE','l','0','-1'),", 60) + "1}", "0"},
		"replies, one by one":     {"EVAL", strings.Repeat("redis.call('LRANGE','l','0','-1')\n", 60) + "return 1", "0"},
		"arguments as a table":    append([]string{"EVAL", "return {" + strings.Repeat("ARGV,", 400) + "1}", "0"}, many(2000, "")...),
		"texts that are joined":   {"EVAL", "return {" + strings.Repeat("ARGV[1]..'x',", 300) + "1}", "0", large},
		"one text that is joined": {"EVAL", "return ARGV[1]" + strings.Repeat("..''", 20_000), "0", large},
		"digests":                 {"EVAL", "return {" + strings.Repeat("redis.sha1hex(ARGV[1]),", 1000) + "1}", "0", large},
		"many words":              {"EVAL", strings.Repeat(";", 1<<21), "0"},
		"a table of many numbers": {"EVAL", "return {" + strings.Repeat("1,", 1<<19) + "1}", "0"},
	} {
		if got := visit(t, s, "203.0.113.9:4001").long(args...); got != "-"+errMemory {
			t.Errorf("%s: %.80q", name, got)
		}
	}
	if got := v.long("EVAL", "return {redis.call('LLEN','l'),ARGV[1]..'x',redis.sha1hex('')}", "0", "a"); got != ":8 ax da39a3ee5e6b4b0d3255bfef95601890afd80709" && !strings.HasPrefix(got, "8 ax ") {
		t.Errorf("a small one: %.80q", got)
	}
}

// A sorted set that is changed in bulk is in the order of one that is changed
// one by one.
func TestBulkChangesKeepTheOrder(t *testing.T) {
	one, bulk := newZset(), newZset()
	fill := func(z *zset) {
		for i := range 200 {
			z.put(fmt.Sprint("m", i), float64(i*7%50))
		}
	}
	fill(one)
	bulk.change(200, func() { fill(bulk) })
	if !slices.Equal(one.order, bulk.order) {
		t.Errorf("%v, want %v", bulk.order, one.order)
	}
	bulk.change(100, func() {
		for i := range 100 {
			bulk.remove(fmt.Sprint("m", i))
		}
	})
	if len(bulk.order) != 100 || !slices.IsSortedFunc(bulk.order, compare) || bulk.order[0].name == "" {
		t.Errorf("after 100 are gone: %v", bulk.order)
	}
}

// Whatever a client lets the server keep counts, not only its data.
func TestNamesCountAsMemory(t *testing.T) {
	name := func(i int) string { return fmt.Sprint(i) + strings.Repeat("n", 1<<19) }
	for _, tt := range []struct {
		how  string
		args func(i int) []string
	}{
		{"WATCH", func(i int) []string { return []string{"WATCH", name(i)} }},
		{"SUBSCRIBE", func(i int) []string { return []string{"SUBSCRIBE", name(i)} }},
		{"ACL SETUSER", func(i int) []string { return []string{"ACL", "SETUSER", name(i)} }},
		{"CONFIG SET", func(i int) []string {
			return []string{"CONFIG", "SET", []string{"requirepass", "masterauth", "masteruser", "logfile", "replica-announce-ip", "cluster-announce-ip", "proc-title-template", "bind", "dbfilename", "syslog-ident", "unixsocket", "server_cpulist", "bio_cpulist"}[i%13], name(i)}
		}},
		{"MULTI", func(i int) []string {
			if i == 0 {
				return []string{"MULTI"}
			}
			return []string{"GET", name(i)}
		}},
		{"EVAL", func(i int) []string { return []string{"EVAL", "return '" + name(i) + "'", "0"} }},
	} {
		t.Run(tt.how, func(t *testing.T) {
			s := made(t, service.Config{"keys": -1})
			v := visit(t, s, "203.0.113.9:4000")
			for i := range 24 {
				v.long(tt.args(i)...)
			}
			in := s.(*server).enter(service.Peer(v.address().Addr()))
			in.mu.Lock()
			defer in.mu.Unlock()
			in.measure()
			if got := in.bytes.Load(); got > maxMemoryEach+1<<20 {
				t.Errorf("%d MiB are kept", got>>20)
			}
		})
	}
}

// Who leaves replies and half-sent requests lying about gets a bound over all
// his connections, and others are still heard.
func TestBytesBetweenClientsAndDataAreBounded(t *testing.T) {
	s := made(t, service.Config{"keys": -1})
	var all []*visitor
	for i := range 8 {
		v := visit(t, s, fmt.Sprintf("203.0.113.9:%d", 4000+i))
		_, _ = io.WriteString(v.conn, "*2\r\n$4\r\nECHO\r\n$8000000\r\n")
		_, _ = io.WriteString(v.conn, strings.Repeat("x", 7_000_000)) // refused: the connection ends
		all = append(all, v)
	}
	if held := s.(*server).transit.used.Load(); held > maxTransitEach {
		t.Errorf("%d MiB are held", held>>20)
	}
	if got := visit(t, s, "203.0.113.9:5000").ask("PING"); got != "+PONG" {
		t.Errorf("the same attacker's small request gets %q", got)
	}
	other := visit(t, s, "198.51.100.1:5000")
	if got := other.long("ECHO", strings.Repeat("x", 4<<20)); len(got) < 4<<20 {
		t.Errorf("another's large one gets %.40q", got)
	}
	for _, v := range append(all, other) { // a reply is given back after its last byte was read
		_ = v.conn.Close()
		v.end()
	}
	if held := s.(*server).transit.used.Load(); held != 0 {
		t.Errorf("%d bytes are held after all are gone", held)
	}
}

// A pipeline whose replies are not wanted goes on for as long as it likes.
func TestLongPipelinesAreNotARequest(t *testing.T) {
	v := visit(t, made(t, nil), "203.0.113.9:4000")
	_, _ = io.WriteString(v.conn, "CLIENT REPLY OFF\r\n")
	big := strings.Repeat("x", 1<<20)
	for range 40 {
		if _, err := fmt.Fprintf(v.conn, "*2\r\n$4\r\nECHO\r\n$%d\r\n%s\r\nPING\r\n", len(big), big); err != nil {
			t.Fatal(err)
		}
	}
	if got := v.ask("CLIENT REPLY ON"); got != "+OK" {
		t.Errorf("%q", got)
	}
}

// Who owns a /64 has one instance.
func TestANetworkIsOneAttacker(t *testing.T) {
	s := made(t, nil)
	visit(t, s, "[2001:db8::1]:1").ask("SET mine 1")
	if got := visit(t, s, "[2001:db8::2]:1").ask("GET mine"); got != "1" {
		t.Errorf("%q", got)
	}
}

// A long pattern is looked at as it is, not copied for each setting.
func TestALongPatternIsNotCopied(t *testing.T) {
	v := visit(t, made(t, service.Config{"keys": -1}), "203.0.113.9:4000")
	v.ask("PING")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if got := v.long("CONFIG", "GET", strings.Repeat("A", 2<<20)); got != "" {
		t.Errorf("%.80q", got)
	}
	runtime.ReadMemStats(&after)
	if n := (after.TotalAlloc - before.TotalAlloc) >> 20; n > 64 {
		t.Errorf("a pattern of 2 MiB takes %d MiB", n)
	}
	if got := v.ask("CONFIG GET MAXMEM*Y"); !strings.Contains(got, "maxmemory") {
		t.Errorf("%q", got)
	}
}
