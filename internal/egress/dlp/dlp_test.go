package dlp_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"mime/multipart"
	"strings"
	"sync"
	"testing"
	"time"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/internal/egress/dlp"
)

var scanner = sync.OnceValue(func() *detect.Scanner {
	rules, err := detect.BuiltinRules()
	if err != nil {
		panic(err)
	}
	set, err := detect.Compile(rules, detect.Options{})
	if err != nil {
		panic(err)
	}
	return detect.NewScanner(set)
})

func inspector(t testing.TB, l dlp.Limits) *dlp.Inspector {
	t.Helper()
	i, err := dlp.New(dlp.Options{Scanner: scanner(), Limits: l, Fingerprint: func(s []byte) string { return fmt.Sprint("len", len(s)) }})
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// token is a fake that passes its checksum.
func token(t testing.TB) string {
	t.Helper()
	for _, r := range must(detect.BuiltinRules())(t) {
		if r.ID == "github-pat" {
			text, err := detect.ExpandExample(r.Positives[0])
			if err != nil {
				t.Fatal(err)
			}
			at := strings.Index(text, "ghp_")
			return text[at : at+40]
		}
	}
	t.Fatal("there is no rule github-pat")
	return ""
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestASecretIsFoundWhereverItIsInAHead(t *testing.T) {
	secret := token(t)
	for name, tt := range map[string]struct {
		method string
		url    string
		fields []dlp.Field
		where  string
	}{
		"method":        {method: secret, url: "http://a.example/", where: "method"},
		"path":          {url: "http://a.example/" + secret + "/x", where: "url"},
		"query":         {url: "http://a.example/?token=" + secret, where: "url"},
		"escaped query": {url: "http://a.example/?q=" + strings.ReplaceAll(secret, "_", "%5F"), where: "url"},
		"authorization": {url: "http://a.example/", fields: []dlp.Field{{"Accept", "*/*"}, {"Authorization", "Bearer " + secret}}, where: "header authorization"},
		"basic":         {url: "http://a.example/", fields: []dlp.Field{{"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte("x:"+secret))}}, where: "header authorization"},
		"cookie":        {url: "http://a.example/", fields: []dlp.Field{{"Cookie", "a=b; session=" + secret}, {"Accept", "*/*"}}, where: "header cookie"},
		"own field":     {url: "http://a.example/", fields: []dlp.Field{{"X-Note", "see " + secret}}, where: "header x-note"},
	} {
		t.Run(name, func(t *testing.T) {
			v := inspector(t, dlp.Limits{}).Head(tt.method, tt.url, tt.fields)
			if len(v.Findings) != 1 || v.Findings[0].Rule != "github-pat" || v.Findings[0].Where != tt.where || v.Findings[0].Fingerprint != "len40" {
				t.Fatalf("%+v", v)
			}
			if strings.Contains(fmt.Sprint(v), secret) {
				t.Error("the secret is in the verdict")
			}
		})
	}
}

func TestOrdinaryHeadsAreClean(t *testing.T) {
	i := inspector(t, dlp.Limits{})
	for _, f := range []dlp.Field{
		{"Host", "api.example"}, {"User-Agent", "curl/8.5.0"}, {"Accept-Encoding", "gzip, br"},
		{"User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"},
		{"Cookie", "PHPSESSID=298zf09hf012fh2; csrftoken=u32t4o3tb3gg43; _gat=1"},
		{"Cookie", "sessionid=3f2a9c8b7d6e5f4a3b2c1d0e9f8a7b6c; _ga=GA1.2.1234567890.1700000000"}, // cordon:allow
		{"X-CSRF-Token", "i8XNjC4b8KVok4uw5RftR38Wgp2BFwql"},                                      // cordon:allow
		{"If-None-Match", `W/"5e1f-18b9a4f2c80"`}, {"If-None-Match", `"d41d8cd98f00b204e9800998ecf8427e"`},
		{"X-Request-Id", "7b1f3f2e-4d5c-4b6a-9c8d-7e6f5a4b3c2d"}, {"X-Amzn-Trace-Id", "Root=1-5759e988-bd862e3fe1be46a994272793"},
		{"Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}, {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
		{"Idempotency-Key", "8e03978e-40d5-43e8-bc93-6894a57f9324"}, {"Content-MD5", "Q2hlY2sgSW50ZWdyaXR5IQ=="},
		{"Digest", "SHA-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE="},
	} {
		if v := i.Head("GET", "http://api.example/v1/items?page=3&sort=asc", []dlp.Field{f}); !v.Clean() {
			t.Errorf("%s: %v", f.Name, v)
		}
	}
	for _, url := range []string{
		"http://a.example/callback?code=4%2F0AX4XfWh3k3Jd8Hf7Gs6Aq5Zw4Ex3Cr2Vt1By&state=af0ifjsldkj", // cordon:allow
		"http://a.example/assets/main.3f2a9c8b.js?v=1700000000", "http://a.example/objects/3f2a9c8b7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a",
		"http://repo.example/v2/library/alpine/blobs/sha256:4abcf20661432fb2d719aaf90656f55c287f8ca915dc1c92ec14ff61e67fbaf8",
		"http://a.example/search?q=how+to+store+a+password+in+git&page=2",
	} {
		if v := i.Head("GET", url, nil); !v.Clean() {
			t.Errorf("%s: %v", url, v)
		}
	}
}

// sink is an origin: it keeps what came.
type sink struct {
	mu sync.Mutex
	bytes.Buffer
}

func (s *sink) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Buffer.Write(p)
}

func (s *sink) got() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Buffer.String()
}

// judge refuses whatever is not clean, and keeps what it was told.
type judge struct{ told []dlp.Verdict }

func (j *judge) refuse(v dlp.Verdict) bool { j.told = append(j.told, v); return false }
func (j *judge) let(v dlp.Verdict) bool    { j.told = append(j.told, v); return true }

func (j *judge) rules() (all []string) {
	for _, v := range j.told {
		for _, f := range v.Findings {
			all = append(all, f.Rule)
		}
	}
	return all
}

// send writes a body in pieces of such sizes, the last of which repeats.
func send(s *dlp.Stream, body []byte, sizes ...int) error {
	for len(body) > 0 {
		n := min(len(body), sizes[0])
		if len(sizes) > 1 {
			sizes = sizes[1:]
		}
		if _, err := s.Write(body[:n]); err != nil {
			_ = s.Close()
			return err
		}
		body = body[n:]
	}
	return s.Close()
}

func filler(n int) string {
	const line = "the build queue waits for a reviewer before the next item of work is taken up\n"
	return strings.Repeat(line, n/len(line)+1)[:n]
}

func gzipped(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// noise does not compress.
func noise(n int) string {
	rng := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, n)
	for i := range b {
		b[i] = "abcdefghijklmnop \n"[rng.IntN(18)]
	}
	return string(b)
}

func upload(t testing.TB, file string) string {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", "dump.bin")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write([]byte(file)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestABodyWithASecretIsRefused(t *testing.T) {
	secret := token(t)
	for name, body := range map[string]string{
		"alone":             secret,
		"json":              `{"note":"` + secret + `"}`,
		"form":              "a=1&note=" + secret + "&b=2",
		"far in":            filler(300_000) + " " + secret + "\n" + filler(300_000),
		"at a window's end": filler(96<<10-20) + " " + secret + " " + filler(1000),
		"base64":            `{"data":"` + base64.StdEncoding.EncodeToString([]byte(filler(3000)+" "+secret+"\n")) + `"}`,
		"gzip":              gzipped(t, filler(500_000)+" "+secret+"\n"),
		"gzip in a form":    upload(t, gzipped(t, noise(400_000)+" "+secret+"\n")),
		"split over fields": `{"part1":"` + secret[:20] + `","part2":"` + secret[20:] + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			var dst sink
			var j judge
			i := inspector(t, dlp.Limits{})
			err := send(i.Stream(&dst, dlp.Body{Judge: j.refuse}), []byte(body), 1000)
			if !errors.Is(err, dlp.ErrRefused) || len(j.rules()) != 1 {
				t.Fatalf("%v, told %+v", err, j.told)
			}
			if strings.Contains(dst.got(), secret) || name == "gzip in a form" && dst.Len() > 1000 {
				t.Errorf("%d bytes were passed on", dst.Len())
			}
		})
	}
}

// However a body is cut, and wherever its secret is, the origin gets a beginning
// of it without the secret; and all of one that is clean.
func TestPiecesDoNotMatter(t *testing.T) {
	secret := token(t)
	i := inspector(t, dlp.Limits{})
	rng := rand.New(rand.NewPCG(3, 4))
	for range 25 {
		before := rng.IntN(150_000)
		body := filler(before) + "\n" + secret + "\n" + filler(rng.IntN(30_000))
		sizes := []int{1 + rng.IntN(70_000), 1 + rng.IntN(50), 1 + rng.IntN(70_000), 1000 + rng.IntN(40_000)}
		var dst sink
		var j judge
		if err := send(i.Stream(&dst, dlp.Body{Judge: j.refuse}), []byte(body), sizes...); !errors.Is(err, dlp.ErrRefused) {
			t.Fatalf("%d, %v: %v", before, sizes, err)
		}
		if got := dst.got(); !strings.HasPrefix(body, got) || len(got) > before+1 {
			t.Fatalf("%d, %v: %d bytes were passed on", before, sizes, len(got))
		}
		clean := strings.ReplaceAll(body, secret, "nothing")
		var all sink
		if err := send(i.Stream(&all, dlp.Body{Judge: j.refuse}), []byte(clean), sizes...); err != nil || all.got() != clean || len(j.told) > 1 {
			t.Fatalf("%d, %v: %v, %d of %d bytes", before, sizes, err, all.Len(), len(clean))
		}
	}
	if n := i.Held(); n != 0 {
		t.Errorf("%d bytes are still held", n)
	}
}

func TestWhatMayPassAllTheSameIsToldOnce(t *testing.T) {
	body := filler(100_000) + "\n" + token(t) + "\n" + filler(400_000)
	var dst sink
	var j judge
	if err := send(inspector(t, dlp.Limits{}).Stream(&dst, dlp.Body{Judge: j.let}), []byte(body), 700); err != nil {
		t.Fatal(err)
	}
	if len(j.rules()) != 1 || dst.got() != body {
		t.Errorf("told %v, %d of %d bytes", j.rules(), dst.Len(), len(body))
	}
}

// A sender that pauses may wait for an answer to what it has sent.
func TestAPausePassesOnWhatIsClean(t *testing.T) {
	secret := token(t)
	var dst sink
	var j judge
	s := inspector(t, dlp.Limits{Pause: time.Millisecond}).Stream(&dst, dlp.Body{Judge: j.refuse})
	if _, err := s.Write([]byte("hello, " + secret[:10])); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); dst.got() == "" && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	if dst.got() != "hello, "+secret[:10] {
		t.Fatalf("passed on: %d bytes", dst.Len())
	}
	if err := send(s, []byte(secret[10:]+" is it"), 7); !errors.Is(err, dlp.ErrRefused) {
		t.Errorf("%v: the rest of the secret followed after a pause", err)
	}
	if len(dst.got()) != 17 {
		t.Errorf("%d bytes were passed on", dst.Len())
	}
}

func TestWhatCannotBeLookedAtIsToldAsUnseen(t *testing.T) {
	long := gzipped(t, noise(400_000))
	bomb := gzipped(t, strings.Repeat("\x00", 40<<20))
	for name, tt := range map[string]struct {
		body   string
		limits dlp.Limits
		unseen string
	}{
		"too long":  {body: long, limits: dlp.Limits{Whole: 100_000}, unseen: "longer than 100000 bytes"},
		"a bomb":    {body: bomb, unseen: string(detect.ReasonBudget)},
		"no memory": {body: filler(100_000), limits: dlp.Limits{Memory: 50_000}, unseen: "no memory left"},
	} {
		t.Run(name, func(t *testing.T) {
			var dst sink
			var j judge
			err := send(inspector(t, tt.limits).Stream(&dst, dlp.Body{Judge: j.refuse}), []byte(tt.body), 10_000)
			if !errors.Is(err, dlp.ErrRefused) || len(j.told) != 1 || !strings.Contains(j.told[0].Unseen, tt.unseen) {
				t.Fatalf("%v, told %+v", err, j.told)
			}
		})
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("reset by peer") }

func TestAnOriginThatGoesAwayEndsTheBody(t *testing.T) {
	var j judge
	err := send(inspector(t, dlp.Limits{}).Stream(broken{}, dlp.Body{Judge: j.refuse}), []byte(filler(200_000)), 5000)
	if err == nil || errors.Is(err, dlp.ErrRefused) || !strings.Contains(err.Error(), "reset by peer") {
		t.Errorf("%v", err)
	}
}

func BenchmarkStream(b *testing.B) {
	i := inspector(b, dlp.Limits{})
	for name, body := range map[string]string{"1KB": filler(1 << 10), "64KB": filler(64 << 10), "4MB": filler(4 << 20)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				var j judge
				s := i.Stream(discard{}, dlp.Body{Judge: j.refuse})
				if err := send(s, []byte(body), 32<<10); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// A sender that drips something compressed into a form holds no more than Whole,
// however often it pauses.
func TestPausesDoNotLetABodyBeHeldWithoutBound(t *testing.T) {
	const whole = 100_000
	var dst sink
	var j judge
	i := inspector(t, dlp.Limits{Whole: whole, Pause: time.Millisecond})
	s := i.Stream(&dst, dlp.Body{Judge: j.refuse})
	body := []byte(upload(t, gzipped(t, noise(2_000_000))))
	for n := range 12 {
		if _, err := s.Write(body[n*100 : n*100+100]); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond) // a pause of the sender, many times over
	}
	var err error
	for rest := body[1200:]; len(rest) > 1000 && err == nil; rest = rest[1000:] {
		_, err = s.Write(rest[:1000])
		if held := i.Held(); held > 3*whole {
			t.Fatalf("%d bytes are held", held)
		}
	}
	if !errors.Is(err, dlp.ErrRefused) || len(j.told) != 1 || !strings.Contains(j.told[0].Unseen, "longer than") {
		t.Errorf("%v, told %+v", err, j.told)
	}
	_ = s.Close()
}
