package capture_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/capture"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/leak"
	"go.cordon.dev/cordon/internal/store/storetest"
)

// planted are the fields through which a secret comes in.
var planted = []func(s *service.Session, v *service.Screen, secret string){
	func(s *service.Session, _ *service.Screen, x string) {
		s.Attempt(service.Credential{Kind: service.Plaintext, Principal: x, Secret: []byte("pw")})
	},
	func(s *service.Session, _ *service.Screen, x string) {
		s.Attempt(service.Credential{Kind: service.Plaintext, Principal: "root", Secret: []byte(x)})
	},
	func(s *service.Session, _ *service.Screen, x string) {
		s.Attempt(service.Credential{Kind: service.HTTPDigest, Principal: "root", Secret: []byte("r"), Details: []service.Field{field("realm", x)}})
	},
	func(s *service.Session, _ *service.Screen, x string) {
		line := "export TOKEN=" + x + " && curl http://198.51.100.7"
		s.Record(service.Command, []byte(line+"\n"), field("line", line))
	},
	func(s *service.Session, _ *service.Screen, x string) {
		s.Record(service.Query, []byte("SELECT '"+x+"'"), field("sql", "SELECT '"+x+"'"))
	},
	func(s *service.Session, _ *service.Screen, x string) {
		s.Record(service.Request, []byte("GET /?key="+x+" HTTP/1.1\r\nX-Key: "+x+"\r\n\r\n"), field("url", "/?key="+x), field("X-Key", x), field("Authorization", "Bearer "+x))
	},
	func(s *service.Session, _ *service.Screen, x string) { s.Record(service.ProtocolError, []byte(x)) },
	func(s *service.Session, _ *service.Screen, x string) {
		s.Record(service.ClientHello, nil, field("client", "SSH-2.0-"+x))
	},
	func(s *service.Session, _ *service.Screen, x string) {
		s.Keep(service.Artifact{Kind: "upload", Path: "/tmp/" + x, Data: []byte("key = " + x)})
	},
	func(_ *service.Session, v *service.Screen, x string) { v.Input([]byte(x)); v.Output([]byte(x)) },
	func(s *service.Session, _ *service.Screen, x string) {
		s.Record(service.Fetch, nil, field("url", "https://user:"+x+"@198.51.100.7/x"))
	},
}

// A thousand secrets come in through every field. None is in the clear in any file,
// any event, any list or the log; each can be revealed.
func TestNothingThatAnAttackerTypedIsInTheClear(t *testing.T) {
	rules, err := detect.BuiltinRules()
	must(t, err)
	set, err := detect.Compile(rules, detect.Options{})
	must(t, err)
	scanner := detect.NewScanner(set)
	r := newRoom(t, func(d *capture.Deps) { d.Redact = func(s string) string { return leak.Words(scanner, s) } })
	r.run(t)
	var secrets [][]byte
	for n := range 1_000 {
		secret, err := detect.ExpandExample(fmt.Sprintf("{{github:ghp:%d}}", n))
		must(t, err)
		secrets = append(secrets, []byte(secret))
		s := service.NewSession(r, clock.Real{}, "web-1", "ssh", client(n), local())
		planted[n%len(planted)](s, s.Screen(80, 24), secret)
		s.End("left")
	}
	must(t, r.Recorder.Close(storetest.Context(t)))
	shown := [][]byte{[]byte(r.log.String()), everythingListed(t, r)}
	must(t, filepath.WalkDir(r.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		shown = append(shown, b)
		return err
	}))
	if len(shown) < 90 { // the database, and a file for each upload
		t.Fatalf("%d texts were searched", len(shown))
	}
	for n, secret := range secrets {
		for k, text := range shown {
			if i := bytes.Index(text, secret); i >= 0 {
				t.Fatalf("secret %d (through field %d) is in the clear in text %d", n, n%len(planted), k)
			}
		}
	}
	wantRevealed(t, r, secrets)
}

// everythingListed is what viewers see, as JSON.
func everythingListed(t *testing.T, r *room) []byte {
	t.Helper()
	ctx := storetest.Context(t)
	logs, err := r.Logs(ctx, capture.LogFilter{}, "", 10_000)
	must(t, err)
	sessions, err := r.Sessions(ctx, capture.SessionFilter{}, "", 10_000)
	must(t, err)
	artifacts, err := r.Artifacts(ctx, capture.ArtifactFilter{}, "", 10_000)
	must(t, err)
	credentials, err := r.Credentials(ctx, capture.CredentialFilter{}, "", 10_000)
	must(t, err)
	if len(sessions) != 1_000 || len(logs) < 3_000-91 || len(artifacts) < 90 || len(credentials) < 270 {
		t.Fatalf("%d sessions, %d logs, %d artifacts, %d credentials", len(sessions), len(logs), len(artifacts), len(credentials))
	}
	text, err := json.Marshal([]any{logs, sessions, artifacts, credentials, r.events(t)})
	must(t, err)
	return text
}

// wantRevealed checks one secret of each field: otherwise the test above would pass
// if nothing were kept.
func wantRevealed(t *testing.T, r *room, secrets [][]byte) {
	t.Helper()
	ctx := storetest.Context(t)
	for n := range planted {
		address := client(n).Addr().String()
		var all bytes.Buffer
		logs, err := r.Logs(ctx, capture.LogFilter{AttackerIP: address}, "", 10)
		must(t, err)
		for _, l := range logs {
			e, err := r.RevealLog(ctx, l.ID, ada())
			must(t, err)
			all.Write(e.Raw)
			for _, f := range e.Fields {
				all.Write(f.Value)
			}
		}
		credentials, err := r.Credentials(ctx, capture.CredentialFilter{AttackerIP: address}, "", 10)
		must(t, err)
		for _, c := range credentials {
			shown, err := r.Reveal(ctx, c.ID, ada())
			must(t, err)
			all.WriteString(shown.Secret.Reveal())
		}
		sessions, err := r.Sessions(ctx, capture.SessionFilter{AttackerIP: address, Recorded: true}, "", 1)
		must(t, err)
		for _, s := range sessions {
			page, err := r.Transcript(ctx, "web-1", s.ID, 0, 100, ada())
			must(t, err)
			all.WriteString(fmt.Sprint(page.Lines))
		}
		if !bytes.Contains(all.Bytes(), secrets[n]) {
			t.Errorf("the secret of field %d cannot be revealed", n)
		}
	}
}

// Events are what webhooks send: their summaries are useful all the same.
func TestSummariesSayWhatWasDone(t *testing.T) {
	r := newRoom(t, nil)
	s := service.NewSession(r, clock.NewFake(time.Now()), "web-1", "http", client(1), local())
	s.Record(service.Request, []byte("POST /login HTTP/1.1\r\n\r\n"), field("method", "POST"), field("url", "/login"), field("Cookie", "sid=1"), field("X-Forwarded-For", "198.51.100.9, 10.0.0.1"))
	s.Record(service.ProtocolError, []byte("first line\nsecond line\n"))
	r.done(t)
	var got []string
	for _, e := range r.events(t) {
		var p event.DeckyTraffic
		if event.Match("decky.*.traffic", e.Topic) {
			must(t, e.Decode(&p))
			got = append(got, p.Summary+" "+p.ClaimedIP+" "+p.ClaimedBy)
		}
	}
	want := []string{"method=POST url=/login Cookie=[sealed] X-Forwarded-For=198.51.100.9, 10.0.0.1 198.51.100.9 X-Forwarded-For", "first line  "}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("summaries %q, want %q", got, want)
	}
}

// What was tried as a password stays hidden where people put it by mistake: in the
// user's name of the next try, in the name of a file.
func TestATriedPasswordIsHiddenInNamesToo(t *testing.T) {
	r := newRoom(t, nil)
	s := service.NewSession(r, clock.NewFake(time.Now()), "web-1", "ftp", client(1), local())
	for _, c := range []service.Credential{{Principal: "anna", Secret: []byte("Winter-Rose-77")}, {Principal: "Winter-Rose-77", Secret: []byte("anna"), Accepted: true}} {
		c.Kind = service.Plaintext
		s.Attempt(c)
	}
	s.Keep(service.Artifact{Kind: "upload", Path: "/tmp/Winter-Rose-77.txt", Data: []byte("x")})
	s.End("")
	r.done(t)
	ctx := storetest.Context(t)
	logs, err1 := r.Logs(ctx, capture.LogFilter{}, "", 10)
	sessions, err2 := r.Sessions(ctx, capture.SessionFilter{}, "", 10)
	artifacts, err3 := r.Artifacts(ctx, capture.ArtifactFilter{}, "", 10)
	credentials, err4 := r.Credentials(ctx, capture.CredentialFilter{}, "", 10)
	shown, err5 := json.Marshal([]any{logs, sessions, artifacts, credentials, r.events(t)})
	must(t, errors.Join(err1, err2, err3, err4, err5))
	if len(credentials) != 2 || len(artifacts) != 1 || bytes.Contains(shown, []byte("Winter-Rose-77")) {
		t.Errorf("shown: %s", shown)
	}
}
