package email_test

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify/format/email"
	"go.cordon.dev/cordon/internal/notify/formattest"
	"go.cordon.dev/cordon/internal/redact"
)

var update = flag.Bool("update", false, "write the golden files")

// read is what a mail program makes of a body: the subject and the text.
func read(body []byte) ([]string, error) {
	m, err := mail.ReadMessage(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if m.Header.Get("Content-Transfer-Encoding") != "quoted-printable" || len(m.Header) != 6 {
		return nil, errors.New("a stranger's words became a field of the header")
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	return []string{subject, strings.ReplaceAll(string(text), "\r\n", "\n")}, err
}

func TestConformance(t *testing.T) {
	formattest.Run(t, formattest.Suite{Format: email.New(nil), ForPeople: true, Type: "message/rfc822", Texts: read, Lines: true})
}

func TestMailsGolden(t *testing.T) {
	all := formattest.Alerts(t)
	all["digest"] = digest(t)
	for name, e := range all {
		body, _, err := email.New(nil).Render(e)
		if err != nil {
			t.Fatal(err)
		}
		texts, err := read(body)
		if err != nil {
			t.Fatal(err)
		}
		got, path := "Subject: "+texts[0]+"\n\n"+texts[1], filepath.Join("testdata", name+".txt")
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatalf("%v (run the test with -update)", err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

func digest(t *testing.T) event.Event {
	at := time.Date(2026, 1, 2, 15, 0, 0, 0, time.UTC)
	group := func(s event.Severity, n int, about string) event.DigestGroup {
		return event.DigestGroup{Topic: "leak.message.quarantined", Severity: s, Count: n, About: about, First: at, Last: at}
	}
	e, err := event.New(event.Header{Time: at, Source: "node-1/notify", Severity: event.High, Subject: "15 events in 4 groups"}, event.WebhookDigest{
		Webhook: "soc", Count: 15, From: at.Add(-time.Hour), To: at, MoreGroups: 2,
		Groups: []event.DigestGroup{group(event.High, 12, "HIGH: GITHUB_TOKEN in chat"), group(event.Low, 1, "Kept in: paste.example:443")},
	})
	if err != nil {
		t.Fatal(err)
	}
	e.ID = "01936d2c-5f8e-7abc-9def-0123456789ab"
	return e
}

// Lines of the evidence are set off: a stranger cannot write our signature.
func TestEvidenceCannotPassForOurWords(t *testing.T) {
	e, err := event.New(event.Header{Time: time.Now(), Source: "n/leak", Severity: event.High}, event.MessageQuarantined{RedactedContent: "a\n-- \nWhat to do\nnothing"})
	if err != nil {
		t.Fatal(err)
	}
	body, _, err := email.New(nil).Render(e)
	if err != nil {
		t.Fatal(err)
	}
	texts, err := read(body)
	if err != nil || !strings.Contains(texts[1], "| a\n| -- \n| What to do\n| nothing\n") {
		t.Errorf("%v, %q", err, texts)
	}
}

func TestAddresses(t *testing.T) {
	for raw, want := range map[string]string{
		"smtps://ada@mail.example/?from=c@example.com&to=soc@example.com":                                   "",
		"smtp://mail.example:2525/?from=c@example.com&to=soc@example.com,b@x.example":                       "",
		"smtp://mail.example/?from=c@example.com&to=soc@example.com&tls=none":                               "",
		"smtps://mail.example/?to=soc@example.com":                                                          "from in url is not an address",
		"smtps://mail.example/?from=c@example.com":                                                          "to in url is not an address",
		"smtps://mail.example/?from=c@example.com&to=soc":                                                   "to in url is not an address",
		"smtps://mail.example/?from=c@example.com&to=a@x.example%0d%0aBcc:b@y.test":                         "to in url is not an address",
		"smtps://mail.example/?from=c@example.com&to=a@x.example&cc=b@x.example":                            "a parameter besides",
		"smtps://ada:hunter2@mail.example/?from=c@example.com&to=a@x.example":                               "give it as secret",
		"smtps://mail.example/?from=c@example.com&to=a@x.example&tls=none":                                  "only of smtp://",
		"smtp://ada@mail.example/?from=c@example.com&to=a@x.example&tls=none":                               "everybody on the way could read",
		"smtps://mail.example/?from=c@example.com&to=" + strings.Repeat("a@x.example,", 32) + "b@x.example": "more than 32",
	} {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		err = email.New(nil).CheckURL(u, redact.Secret{})
		if (want == "") != (err == nil) || err != nil && (!strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2")) {
			t.Errorf("%s: %v, want %q", raw, err, want)
		}
	}
	u, _ := url.Parse("smtps://mail.example/?from=c@example.com&to=soc@example.com")
	if err := email.New(nil).CheckURL(u, redact.NewSecret("hunter2")); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("a password without a user: %v", err)
	}
}

func FuzzCheckURL(f *testing.F) {
	f.Add("smtps://ada@mail.example/?from=c@example.com&to=soc@example.com")
	f.Add("smtp://[::1]:25/?from=%22a b%22@x&to=<a@b>,")
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := url.Parse(raw)
		if err != nil {
			return
		}
		if err := email.New(nil).CheckURL(u, redact.Secret{}); err == nil && strings.ContainsAny(u.Query().Get("from"), "\r\n") {
			t.Errorf("%q is accepted", raw)
		}
	})
}
