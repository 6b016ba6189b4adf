package egress

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/internal/egress/dlp"
)

// agents is a policy as an operator writes it for coding agents: each host that
// is logged in to names what its own login looks like.
const agents = `
mode: strict
default_policy: deny
allowlist:
  rules:
    - {host: registry.example}
    - {host: '*.registry.example'}
    - {host: forge.example, credentials: [github-pat, github-app-token, authorization-basic]}
    - {host: images.example, credentials: [jwt, authorization-basic]}
    - {host: openai.example, methods: [GET, POST], paths: [/v1/], credentials: [openai-api-key, openai-project-key]}
    - {host: anthropic.example, methods: [POST], credentials: [anthropic-api-key]}
    - {host: gemini.example, credentials: [google-api-key]}
    - {host: login.example, credentials: [oauth-client-secret, generic-api-key, jwt]}
    - {host: '*.store.example', credentials: [aws-access-key-id, aws-presigned-url]}
    - {host: store.example, credentials: [aws-access-key-id, aws-presigned-url]}
    - {host: hooks.example}
    - {host: kube.example, ports: [6443], credentials: [jwt]}
    - {host: metrics.example, credentials: [authorization-basic, jwt]}
    - {host: api.example, credentials: [jwt]}
    - {host: tools.example}
`

// call is a request of some program, to an origin that says how much it got.
type call struct {
	what, method, url string
	fields            string // "Name: value", a line each
	body              string
}

// inspectors returns what looks for secrets, as the server has it.
func inspectors(t testing.TB) func(*Options) {
	t.Helper()
	scanner, err := builtin()
	if err != nil {
		t.Fatal(err)
	}
	i, err := dlp.New(dlp.Options{Scanner: scanner})
	if err != nil {
		t.Fatal(err)
	}
	return func(o *Options) { o.Inspector = func() *dlp.Inspector { return i } }
}

// made has a template's placeholders filled, see detect.ExpandExample.
func made(t testing.TB, template string) string {
	t.Helper()
	text, err := detect.ExpandExample(template)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// byAgents are the requests of agents and of what they run.
func byAgents(t *testing.T) (all []benign) {
	for _, some := range [][]call{packages(), gitAndImages(t), models(t), logins(t), uploads(t), operations(t), data(t)} {
		for _, c := range some {
			all = append(all, benign{c.what, c.passes})
		}
	}
	return all
}

// passes sends the call and wants to hear that all of it arrived.
func (c call) passes(t *testing.T, w *world) {
	w.setPolicy(agents)
	req, err := http.NewRequest(c.method, made(t, c.url), strings.NewReader(c.body))
	if err != nil {
		t.Fatal(err)
	}
	w.name(req.URL.Hostname(), "203.0.113.8")
	for line := range strings.Lines(made(t, c.fields)) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		req.Header.Add(name, value)
	}
	got, err := w.through().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(got.Body)
	_ = got.Body.Close()
	if err != nil || !ok(got, "") || got.Header.Get("X-Got") != strconv.Itoa(len(c.body)) {
		t.Errorf("%s %v, the origin got %s of %d bytes: %.400s", got.Status, err, got.Header.Get("X-Got"), len(c.body), text)
	}
}

// static is what no reader makes sense of: images, packs, ciphertext.
func static(seed uint64, n int) string {
	r := rand.New(rand.NewPCG(seed, 7))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return string(b)
}

func digest(seed uint64) string {
	sum := sha256.Sum256([]byte(strconv.FormatUint(seed, 10)))
	return hex.EncodeToString(sum[:])
}

func inBase64(seed uint64, n int) string {
	return base64.StdEncoding.EncodeToString([]byte(static(seed, n)))
}

// photo is a picture of n bytes, in name only.
func photo(seed uint64, n int) string {
	return "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + static(seed, n)
}

func gzipped(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, text) // memory takes everything
	_ = z.Close()
	return b.String()
}

// form is a multipart upload, and the field that goes with it.
func form(t *testing.T, parts ...[2]string) (field, body string) {
	t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for _, p := range parts {
		name, file, _ := strings.Cut(p[0], "=")
		w, err := m.CreateFormField(name)
		if file != "" {
			w, err = m.CreateFormFile(name, file)
		}
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(w, p[1])
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	return "Content-Type: " + m.FormDataContentType(), b.String()
}

// lines joins n lines made by a format with one number.
func numbered(n int, format string) string {
	var b strings.Builder
	for i := range n {
		_, _ = fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// A login goes to the host that it is bound to, and to no other that the policy
// knows.
func TestALoginPassesToItsOwnHostOnly(t *testing.T) {
	w := befriended(t, inspectors(t))
	w.setPolicy(agents)
	for host, want := range map[string]int{"api.example": http.StatusOK, "tools.example": http.StatusForbidden} {
		w.name(host, "203.0.113.8")
		req, err := http.NewRequest(http.MethodGet, "http://"+host+"/v1/me", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", made(t, "Bearer {{jwt}}"))
		got, err := w.through().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = got.Body.Close()
		if got.StatusCode != want {
			t.Errorf("%s: %s", host, got.Status)
		}
	}
}
