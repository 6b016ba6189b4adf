package dlp_test

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/internal/egress/dlp"
)

// sends has a program send a body by a message of its own, and returns what was
// found.
func sends(t testing.TB, i *dlp.Inspector, program, body string) []dlp.Finding {
	t.Helper()
	var dst sink
	var j judge
	_ = send(i.Message(program).Stream(&dst, dlp.Body{Judge: j.refuse}), []byte(body), 1000)
	var all []dlp.Finding
	for _, v := range j.told {
		all = append(all, v.Findings...)
	}
	return all
}

func TestASecretInPiecesIsFoundWhenTheLastIsSent(t *testing.T) {
	secret := token(t)
	akia := must(detect.ExpandExample("AKIA{{base32:16}}"))(t)
	encoded := base64.StdEncoding.EncodeToString([]byte("token " + secret))
	for name, tt := range map[string]struct {
		bodies []string
		rule   string
	}{
		"two bodies":            {[]string{"a " + secret[:20], secret[20:] + " b"}, "github-pat"},
		"two forms":             {[]string{"a=" + secret[:14], "b=" + secret[14:]}, "github-pat"},
		"two documents":         {[]string{`{"x":{"y":"` + secret[:25] + `"}}`, `[1,2,{"z":"` + secret[25:] + `"}]`}, "github-pat"},
		"behind the prefix":     {[]string{secret[:4], secret[4:]}, "github-pat"},
		"the end first":         {[]string{"z=" + secret[20:], "a=" + secret[:20]}, "github-pat"},
		"others between":        {[]string{secret[:20], "hello", `{"id":"a7f3c9"}`, "x=1&y=2", secret[20:]}, "github-pat"},
		"three pieces":          {[]string{secret[:15], "p=" + secret[15:27], "p=" + secret[27:]}, "github-pat"},
		"encoded and cut":       {[]string{encoded[:len(encoded)/2], encoded[len(encoded)/2:]}, "github-pat"},
		"cut and encoded":       {[]string{base64.StdEncoding.EncodeToString([]byte("one " + secret[:20] + " of two")), secret[20:]}, "github-pat"},
		"far in a long body":    {[]string{filler(150_000) + "\n" + secret[:20] + "\n", filler(150_000) + "\n" + secret[20:] + "\n"}, "github-pat"},
		"without a checksum":    {[]string{"k " + akia[:9], akia[9:]}, "aws-access-key-id"},
		"at the end of a text":  {[]string{filler(9000) + " " + secret[:18], secret[18:] + " " + filler(9000)}, "github-pat"},
		"in a sentence's place": {[]string{"The first is " + secret[:20] + ".", "The second: " + secret[20:] + "."}, "github-pat"},
	} {
		t.Run(name, func(t *testing.T) {
			i := inspector(t, dlp.Limits{})
			for n, body := range tt.bodies {
				found := sends(t, i, "/bin/prog", body)
				if last := n == len(tt.bodies)-1; !last && len(found) > 0 || last && (len(found) != 1 || found[0].Rule != tt.rule || !strings.Contains(found[0].Where, "an earlier message")) {
					t.Fatalf("message %d: %+v", n, found)
				}
			}
		})
	}
}

// A head is a message's part like a body.
func TestASecretInTwoHeadsIsFound(t *testing.T) {
	secret := token(t)
	i := inspector(t, dlp.Limits{})
	if v := i.Message("p").Head("GET", "http://a.example/?q="+secret[:20], nil); !v.Clean() {
		t.Fatal(v)
	}
	v := i.Message("p").Head("GET", "http://b.example/", []dlp.Field{{"X-Rest", secret[20:]}})
	if len(v.Findings) != 1 || v.Findings[0].Where != "header x-rest and an earlier message" || v.Findings[0].Fingerprint != "len40" {
		t.Errorf("%+v", v)
	}
}

// What two requests may not do, one may not either: halves lie in two fields, in the head
// and the body, in the path and the query.
func TestASecretInPiecesOfOneMessageIsFound(t *testing.T) {
	secret := token(t)
	akia := must(detect.ExpandExample("AKIA{{base32:16}}"))(t)
	for _, s := range []string{secret, akia} {
		first, rest := s[:9], s[9:]
		for name, tt := range map[string]struct {
			url           string
			fields        []dlp.Field
			body, trailer string
		}{
			"two fields":            {fields: []dlp.Field{{"X-One", first}, {"X-Two", rest}}},
			"fields far apart":      {fields: []dlp.Field{{"X-One", first}, {"Accept", "text/html"}, {"User-Agent", "curl/8.5.0"}, {"X-Two", rest}}},
			"the end first":         {fields: []dlp.Field{{"X-Two", rest}, {"Accept", "text/html"}, {"X-One", first}}},
			"a field's name":        {fields: []dlp.Field{{first, rest}}},
			"cookies":               {fields: []dlp.Field{{"Cookie", "a=" + first + "; theme=dark; b=" + rest}}},
			"path and query":        {url: "/" + first + "/x?page=2&b=" + rest},
			"path and field":        {url: "/" + first, fields: []dlp.Field{{"X-Two", rest}}},
			"head and body":         {fields: []dlp.Field{{"X-One", first}}, body: `{"rest":"` + rest + `"}`},
			"body and head":         {fields: []dlp.Field{{"X-Two", rest}}, body: `{"begin":"` + first + `"}`},
			"two values":            {body: `{"a":"` + first + `","n":"hello world","m":17,"b":"` + rest + `"}`},
			"two fields of a form":  {body: "a=" + first + "&n=hello&m=17&b=" + rest},
			"two lines":             {body: first + "\n" + rest + "\n"},
			"one half in base64":    {body: `{"a":"` + base64.StdEncoding.EncodeToString([]byte("this is "+first+" to begin")) + `","b":"` + rest + `"}`},
			"a body and a trailer":  {body: "one " + first + " two\n", trailer: "X-Two: " + rest + "\r\n"},
			"in a list, as letters": {body: "x-amz-date: 20260301\n1. " + first + "\n2. " + rest},
		} {
			t.Run(s[:4]+" "+name, func(t *testing.T) {
				m := inspector(t, dlp.Limits{}).Message("p")
				all := m.Head("POST", "http://a.example"+tt.url, tt.fields).Findings
				j, dst := judge{}, sink{}
				_ = send(m.Stream(&dst, dlp.Body{Judge: j.let}), []byte(tt.body), 1000)
				for _, v := range j.told {
					all = append(all, v.Findings...)
				}
				all = append(all, m.Text("trailer", []byte(tt.trailer)).Findings...)
				if len(all) != 1 || all[0].Rule != map[string]string{secret: "github-pat", akia: "aws-access-key-id"}[s] {
					t.Errorf("%+v", all)
				}
			})
		}
	}
}

// With a checksum also three pieces of one message are one secret.
func TestASecretInThreePiecesOfOneMessageIsFound(t *testing.T) {
	secret := token(t)
	v := inspector(t, dlp.Limits{}).Message("p").Head("GET", "http://a.example/", []dlp.Field{{"X-A", secret[:15]}, {"Accept", "*/*"}, {"X-B", secret[15:27]}, {"X-Id", "7"}, {"X-C", secret[27:]}})
	if len(v.Findings) != 1 || v.Findings[0].Rule != "github-pat" {
		t.Errorf("%+v", v)
	}
}

func TestPiecesOfOtherProgramsAreNotJoined(t *testing.T) {
	secret := token(t)
	i := inspector(t, dlp.Limits{})
	sends(t, i, "one", secret[:20])
	if found := sends(t, i, "two", secret[20:]); len(found) > 0 {
		t.Errorf("%+v", found)
	}
	sends(t, i, "", secret[:20])
	if found := sends(t, i, "", secret[20:]); len(found) > 0 {
		t.Errorf("of nobody: %+v", found)
	}
}

// What was remembered is gone after a while, and with it what it would have made.
func TestPiecesAreForgotten(t *testing.T) {
	secret := token(t)
	i := inspector(t, dlp.Limits{Recall: 5 * time.Millisecond})
	for deadline := time.Now().Add(time.Minute); ; {
		sends(t, i, "p", "a="+secret[:20])
		time.Sleep(50 * time.Millisecond)
		if len(sends(t, i, "p", "b="+secret[20:])) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the pieces are still remembered")
		}
	}
}

func TestMemoryForProgramsIsBounded(t *testing.T) {
	secret := token(t)
	i := inspector(t, dlp.Limits{})
	for n := range 2000 {
		sends(t, i, fmt.Sprint("program ", n), fmt.Sprintf("a=%s x%dy7Q", secret[:20], n))
	}
	if n := i.Remembered(); n > 512*8<<10 {
		t.Errorf("%d bytes are remembered", n)
	}
	if found := sends(t, i, "program 1999", secret[20:]); len(found) != 1 {
		t.Errorf("of the last: %+v", found)
	}
	if found := sends(t, i, "program 0", secret[20:]); len(found) != 0 {
		t.Errorf("of one that was silent longest: %+v", found)
	}
}

// Programs send ids, hashes and keys of caches all day. None of them makes a secret
// with another.
func TestWhatIsSentAllDayIsNotJoined(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	word := func(alphabet string, n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = alphabet[rng.IntN(len(alphabet))]
		}
		return string(b)
	}
	const hex, alnum = "0123456789abcdef", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	kinds := []func() string{
		func() string { return "/v1/items/" + word(alnum, 8) + "?page=" + word("123456789", 2) },
		func() string { return "/static/main." + word(hex, 8) + ".js" },
		func() string { return "/objects/" + word(hex, 40) },
		func() string { return "/s?q=AKIA+is+a+prefix&id=" + word("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16) },
		func() string { return "/doc#ghp_ and sk_live_ are prefixes, " + word(alnum, 24) },
		func() string {
			return `/b {"id":"` + word(hex, 32) + `","name":"SK-` + word("0123456789", 6) + `","ok":true}`
		},
		func() string { return "/c etag=" + word(hex, 16) + "&sid=" + word(alnum, 32) },
		func() string { return "/d key-" + word("0123456789", 5) + " xox " + word(alnum, 11) },
		func() string { return "/e glpat- npm_ pypi- " + word(alnum, 20) + "==" },
		func() string {
			return "/f " + word(hex, 8) + "-" + word(hex, 4) + "-" + word(hex, 4) + "-" + word(hex, 4) + "-" + word(hex, 12)
		},
	}
	i := inspector(t, dlp.Limits{})
	for n := range 2500 {
		body := kinds[n%len(kinds)]()
		for _, f := range sends(t, i, "busy", body) {
			if strings.Contains(f.Where, "earlier") {
				t.Errorf("%d, %q: %s in the %s", n, body[:12], f.Rule, f.Where)
			}
		}
	}
}

func BenchmarkSmallMessages(b *testing.B) {
	rng := rand.New(rand.NewPCG(7, 8))
	for _, program := range []string{"", "busy"} {
		b.Run("program="+program, func(b *testing.B) {
			i := inspector(b, dlp.Limits{})
			body := []byte(filler(1 << 10))
			for b.Loop() {
				m := i.Message(program)
				m.Head("POST", fmt.Sprintf("http://a.example/items/%x?page=%d", rng.Uint64(), rng.IntN(100)), []dlp.Field{{"X-Request-Id", fmt.Sprintf("%x", rng.Uint64())}, {"User-Agent", "curl/8.5.0"}})
				var j judge
				if err := send(m.Stream(discard{}, dlp.Body{Judge: j.refuse}), body, 1<<10); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// A message that goes on for long, such as a WebSocket's, is of its program also when
// that was forgotten meanwhile.
func TestALongMessageStaysItsPrograms(t *testing.T) {
	secret := token(t)
	for name, long := range map[string]int{"it begins the secret": 0, "it ends the secret": 1} {
		t.Run(name, func(t *testing.T) {
			i := inspector(t, dlp.Limits{})
			m := i.Message("/bin/long")
			m.Text("message", []byte("hello"))
			for n := range 600 {
				i.Message(fmt.Sprintf("/bin/other%d", n)).Text("message", []byte("hello"))
			}
			senders := [2]*dlp.Message{i.Message("/bin/long"), i.Message("/bin/long")}
			senders[long] = m.Next()
			if v := senders[0].Text("message", []byte("a "+secret[:20])); !v.Clean() || i.Remembered() == 0 {
				t.Fatalf("%v; %d bytes are remembered", v, i.Remembered())
			}
			if v := senders[1].Text("message", []byte(secret[20:]+" b")); len(v.Findings) != 1 {
				t.Fatalf("the other half: %v", v)
			}
		})
	}
}
