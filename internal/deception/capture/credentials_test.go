package capture_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/capture"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/store/storetest"
)

// CRD: what is kept of a long secret is cut, what it is known by is not: secrets that begin
// alike are two, and one that was leaked is recognised.
func TestALongSecretIsKnownByAllOfIt(t *testing.T) {
	c := clock.NewFake(noon)
	r := newRoom(t, func(d *capture.Deps) { d.Clock = c })
	long := strings.Repeat("k", 2*service.MaxField)
	s := service.NewSession(r, c, "web-1", "http", client(9), local())
	for _, end := range []string{"a", "b", "a"} {
		s.Attempt(service.Credential{Kind: service.Plaintext, Principal: "root", Secret: []byte(long + end)})
	}
	s.End("")
	r.done(t)
	all, err := r.Credentials(storetest.Context(t), capture.CredentialFilter{}, "", 10)
	must(t, err)
	attempts := map[string]int{}
	for _, one := range all {
		attempts[one.Fingerprint] = one.Attempts
		shown, err := r.Reveal(storetest.Context(t), one.ID, ada())
		must(t, err)
		if got := shown.Secret.Reveal(); string(got) != long[:service.MaxField] {
			t.Errorf("%d bytes are kept", len(got))
		}
	}
	want := map[string]int{r.ring.Fingerprint([]byte(long + "a")): 2, r.ring.Fingerprint([]byte(long + "b")): 1}
	if diff := cmp.Diff(want, attempts); diff != "" {
		t.Errorf("attempts by fingerprint (-want +got):\n%s", diff)
	}
}

// CRD: each of what makes a credential what it is makes another one; the same again is
// counted.
func TestWhatMakesACredentialAnother(t *testing.T) {
	r := newRoom(t, nil)
	try := func(decky, kind string, who int, c service.Credential) {
		s := service.NewSession(r, clock.Real{}, decky, kind, client(who), local())
		s.Attempt(c)
		s.End("")
	}
	plain := service.Credential{Kind: service.Plaintext, Principal: "root", Secret: []byte("correct-horse")}
	nobody, digest, other := plain, plain, plain
	nobody.Principal, digest.Kind, other.Secret = "", service.HTTPDigest, []byte("battery")
	try("web-1", "http", 9, plain)
	try("web-1", "http", 9, plain)
	try("web-2", "http", 9, plain)
	try("web-1", "ftp", 9, plain)
	try("web-1", "http", 10, plain)
	try("web-1", "http", 9, nobody)
	try("web-1", "http", 9, nobody)
	try("web-1", "http", 9, digest)
	try("web-1", "http", 9, other)
	r.done(t)
	all, err := r.Credentials(storetest.Context(t), capture.CredentialFilter{}, "", 20)
	must(t, err)
	twice := 0
	for _, one := range all {
		if one.Attempts == 2 {
			twice++
		}
	}
	if len(all) != 7 || twice != 2 {
		t.Errorf("%d credentials, %d of them tried twice", len(all), twice)
	}
}

// LOG-01: a batch is a hundred observations, or what came within a quarter of a second.
func TestABatchIsAHundredOrAQuarterOfASecond(t *testing.T) {
	c := clock.NewFake(noon)
	r := newRoom(t, func(d *capture.Deps) { d.Clock = c })
	stop := r.run(t)
	s := service.NewSession(r, c, "web-1", "redis", client(9), local())
	stored := func() int {
		t.Helper()
		logs, err := r.Logs(storetest.Context(t), capture.LogFilter{}, "", 1000)
		must(t, err)
		return len(logs)
	}
	until := func(n int) {
		t.Helper()
		for end := time.Now().Add(time.Minute); stored() < n; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%d of %d are stored", stored(), n)
			}
		}
	}
	for range 99 { // and the beginning of the session
		s.Record(service.Command, []byte("PING"))
	}
	until(100) // though the clock stands still
	s.Record(service.Command, []byte("PING"))
	if got := stored(); got != 100 {
		t.Errorf("%d are stored at once", got)
	}
	for end := time.Now().Add(time.Minute); stored() < 101; c.Advance(250 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the last one is not stored")
		}
	}
	stop()
}
