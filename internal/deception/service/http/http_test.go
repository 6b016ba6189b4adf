package http

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/servicetest"
)

func TestConformance(t *testing.T) { servicetest.Run(t, Kind(), nil) }

func made(t testing.TB, c service.Config) *server {
	t.Helper()
	s, err := Kind().New(servicetest.Setup(t, c))
	if err != nil {
		t.Fatal(err)
	}
	return s.(*server)
}

// say sends what a client says, and returns the answers and what was observed.
func say(t *testing.T, s *server, said string) (string, *servicetest.Sink) {
	t.Helper()
	d := servicetest.Listen(t, "http", s)
	c := servicetest.Dial(t, d)
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	if _, err := io.WriteString(c, said); err != nil {
		t.Fatal(err)
	}
	_ = c.(*net.TCPConn).CloseWrite()
	answer, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	d.Sink.Wait(t, service.Disconnected, 1)
	return string(answer), d.Sink
}

func TestARequestIsTakenDown(t *testing.T) {
	said := "POST /a%2fb?c=d HTTP/1.1\r\nHost: Shop.example:80\r\nUser-Agent: probe/1\r\nx-forwarded-for: 198.51.100.9, 10.0.0.1\r\nForwarded: for=198.51.100.8\r\nAccept: */*\r\nContent-Length: 3\r\n\r\nabc"
	_, sink := say(t, made(t, nil), said)
	o := sink.Wait(t, service.Request, 1)[0]
	for name, want := range map[string]string{
		"method": "POST", "target": "/a%2fb?c=d", "host": "Shop.example:80", "user_agent": "probe/1", "version": "HTTP/1.1", "status": "404",
		"headers":   "Host, User-Agent, x-forwarded-for, Forwarded, Accept, Content-Length",
		"Forwarded": "for=198.51.100.8", "X-Forwarded-For": "198.51.100.9, 10.0.0.1", "body_size": "3",
	} {
		if got := servicetest.Field(o, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if string(o.Raw) != said {
		t.Errorf("taken down as %q", o.Raw)
	}
}

func TestWhatIsNoRequestIsTakenDown(t *testing.T) {
	for _, said := range []string{"\x16", "SSH-2.0", "GET / HT"} {
		_, sink := say(t, made(t, nil), said)
		o := sink.Wait(t, service.ProtocolError, 1)[0]
		if string(o.Raw) != said {
			t.Errorf("%q is taken down as %q", said, o.Raw)
		}
	}
}

func TestCredentialsAreTakenDownUnasked(t *testing.T) {
	pair := base64.StdEncoding.EncodeToString([]byte("admin:a:b"))
	for _, c := range []struct{ header, kind, user, secret, detail string }{
		{"Basic " + pair, service.Plaintext, "admin", "a:b", "basic"},
		{"basic  " + pair, service.Plaintext, "admin", "a:b", "basic"},
		{`Digest username="ro\"ot", realm="r, x", nonce="n", uri="/", qop=auth, nc=00000001, cnonce="c", response="0123"`, service.HTTPDigest, `ro"ot`, "0123", "r, x"},
	} {
		_, sink := say(t, made(t, nil), "GET /admin HTTP/1.0\r\nAuthorization: "+c.header+"\r\n\r\n")
		got := sink.Wait(t, service.LoginAttempt, 1)[0].Credential
		if got.Kind != c.kind || got.Principal != c.user || string(got.Secret) != c.secret || got.Accepted || !hasDetail(got, c.detail) {
			t.Errorf("%s: %s %q %q, details %q", c.header, got.Kind, got.Principal, got.Secret, got.Details)
		}
	}
}

// Those who guess passwords fill in forms that are not there.
func TestAFormWithAPasswordIsALogin(t *testing.T) {
	urlencoded, object := "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n", "Content-Type: application/json\r\n"
	for _, c := range []struct{ request, headers, body, user, secret string }{
		{"POST /wp-login.php", urlencoded, "log=admin&pwd=a%26b+c&wp-submit=Log+In&testcookie=1", "admin", "a&b c"},
		{"POST /phpmyadmin/index.php", urlencoded, "pma_username=root&pma_password=&server=1", "root", ""},
		{"POST /manager", "", "user_token=0&j_username=tomcat&j_password=s3", "tomcat", "s3"},
		{"POST /login", urlencoded, "user%5Blogin%5D=ann&user%5Bpassword%5D=x&user%5Bpassword_confirmation%5D=y", "ann", "x"},
		{"POST /api/login", object, `{"remember": true, "n": {"password": "no"}, "email": "a@b.example", "password": "p\u00e4\"ss"}`, "a@b.example", `pä"ss`},
		{"POST /login.cgi", urlencoded, "psd=only%zz", "", "only%zz"},
		{"POST /api/v2/login", "Content-Type: application/vnd.api+json\r\n", `{"data":{"attributes":{"username":"ann","password":"deep"}},"tags":["password","no"]}`, "ann", "deep"},
		{"POST /api/login", object, `{"username": "root", "password": 123456}`, "root", "123456"},
		{"POST /api/login", "", ` {"username": "root", "password": "bare"}`, "root", "bare"},
		{"POST /upload", "Content-Type: multipart/form-data; boundary=x\r\n", "--x\r\nContent-Disposition: form-data; name=\"user\"\r\n\r\nann\r\n--x\r\nContent-Disposition: form-data; name=\"password\"; filename=\"p\"\r\n\r\nfile\r\n--x\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\nparts\r\n--x--\r\n", "ann", "parts"},
		{"GET /login.cgi?username=admin&userpass=secret%21", "", "", "admin", "secret!"},
	} {
		_, sink := say(t, made(t, nil), c.request+" HTTP/1.1\r\nHost: a\r\n"+c.headers+"Content-Length: "+strconv.Itoa(len(c.body))+"\r\n\r\n"+c.body)
		got := sink.Of(service.LoginAttempt)
		if len(got) != 1 {
			t.Errorf("%s is %d attempts", c.request, len(got))
			continue
		}
		if a := got[0].Credential; a.Kind != service.Plaintext || a.Principal != c.user || string(a.Secret) != c.secret || a.Accepted || !hasDetail(a, "form") {
			t.Errorf("%s: %s %q %q, details %q", c.request, a.Kind, a.Principal, a.Secret, a.Details)
		}
	}
}

func TestAFormWithoutAPasswordIsNoLogin(t *testing.T) {
	for _, body := range []string{"", "user=admin", "bypass=1", "compass=north&login=x", "pass", "&&=&", "{", `["password"]`, `{"password": true}`, `{"password": {"min": 8}}`, strings.Repeat("a=b&", maxInputs) + "password=late", strings.Repeat("x", maxForm) + "&password=late"} {
		for _, kind := range []string{"application/x-www-form-urlencoded", "application/json", "text/plain"} {
			_, sink := say(t, made(t, nil), "POST /x HTTP/1.1\r\nHost: a\r\nContent-Type: "+kind+"\r\nContent-Length: "+strconv.Itoa(len(body))+"\r\n\r\n"+body)
			if got := sink.Of(service.LoginAttempt); len(got) != 0 {
				t.Errorf("%s %.40q is %d attempts", kind, body, len(got))
			}
		}
	}
}

func hasDetail(c *service.Credential, value string) bool {
	for _, f := range c.Details {
		if f.Value == value {
			return true
		}
	}
	return false
}

func TestARealmThatNoHeaderCanCarryIsRefused(t *testing.T) {
	for _, realm := range []string{"a\"b", "a\nb", `a\b`} {
		if _, err := New(servicetest.Setup(t, service.Config{"basic": realm})); err == nil || !strings.Contains(err.Error(), "basic") {
			t.Errorf("%q: error %v", realm, err)
		}
	}
}

func TestNoCredentialIsTakenFromNoise(t *testing.T) {
	for _, header := range []string{"", "Basic", "Basic !!", "Basic " + base64.StdEncoding.EncodeToString([]byte("admin")), "Digest", `Digest username="a"`, "Bearer x"} {
		_, sink := say(t, made(t, nil), "GET / HTTP/1.0\r\nAuthorization: "+header+"\r\n\r\n")
		if got := sink.Of(service.LoginAttempt); len(got) != 0 {
			t.Errorf("%q is %d attempts", header, len(got))
		}
	}
}

func TestUploadsAreKept(t *testing.T) {
	form := "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"sh.php\"\r\n\r\n<?php echo 1;\r\n--x--\r\n"
	large := strings.Repeat("y", service.MaxRaw+1)
	for _, c := range []struct{ head, body, path, data string }{
		{"PUT /w.jsp HTTP/1.1\r\nHost: a\r\nContent-Length: ", "<% %>", "/w.jsp", "<% %>"},
		{"POST /up HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: ", form, "sh.php", "<?php echo 1;"},
		{"POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: ", large, "/up", large},
	} {
		_, sink := say(t, made(t, nil), c.head+strconv.Itoa(len(c.body))+"\r\n\r\n"+c.body)
		a := sink.Wait(t, service.Upload, 1)[0].Artifact
		if a.Path != c.path || string(a.Data) != c.data || a.Size != uint64(len(c.data)) {
			t.Errorf("kept %s, %d bytes: %.60q", a.Path, a.Size, a.Data)
		}
	}
}

// The last of the requests that nginx takes on one connection says so.
func TestAConnectionIsForAThousandRequests(t *testing.T) {
	answer, _ := say(t, made(t, nil), strings.Repeat("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", maxRequests+5))
	if kept, closed := strings.Count(answer, "keep-alive"), strings.Count(answer, "Connection: close"); kept != maxRequests-1 || closed != 1 {
		t.Errorf("%d answers keep the connection and %d end it", kept, closed)
	}
}

// talk serves one client of a pipe that says something and leaves.
func talk(s *server, said []byte) (answer []byte) {
	mine, theirs := net.Pipe()
	session := service.NewSession(&servicetest.Sink{}, clock.Real{}, "test-1", "http", netip.MustParseAddrPort("203.0.113.9:1"), netip.MustParseAddrPort("192.0.2.7:80"))
	done := make(chan []byte)
	go func() {
		_, _ = mine.Write(said)
		_ = mine.Close()
	}()
	go func() {
		b, _ := io.ReadAll(mine)
		done <- b
	}()
	s.Serve(context.Background(), theirs, session)
	_ = theirs.Close()
	return <-done
}

// FuzzSession sends anything to a decky: it answers as a web server, or hangs up.
func FuzzSession(f *testing.F) {
	for _, said := range []string{
		"GET / HTTP/1.1\r\nHost: a\r\nRange: bytes=0-1,3-\r\n\r\n", "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;a\r\nabc\r\n0\r\n\r\n",
		"PUT /%2e%2e/x HTTP/1.1\r\nHost: [::1]:1\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 4\r\n\r\n--x-", "GET http://a?x HTTP/1.0\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Digest username=\"\\\", response=\r\nAccept-Encoding: gzip;q=\r\nIf-None-Match: W/,\"\r\n\r\n", "GET /\n",
	} {
		f.Add([]byte(said))
	}
	s := made(f, nil)
	f.Fuzz(func(t *testing.T, said []byte) {
		if answer := talk(s, said); len(answer) > 0 && !bytes.HasPrefix(answer, []byte("HTTP/1.1 ")) && answer[0] != '<' {
			t.Errorf("%q is answered %q", said, answer)
		}
	})
}

// FuzzLocate: a path that is served never leads out of the root.
// What a form says is bounded, whatever it holds.
func FuzzInputs(f *testing.F) {
	f.Add("application/json", `{"user":"a","password":"b","deep":[[{}]]}`)
	f.Add("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--x--\r\n")
	f.Add("text/json", `[{"a":1,"[]":{"b":[2,"c"]}},"d"]`)
	f.Add("application/x-www-form-urlencoded", "a=b&c=%zz&=&d")
	f.Fuzz(func(t *testing.T, kind, text string) {
		r := &request{headers: []header{{"Content-Type", kind}}}
		r.body.kept = []byte(text)
		size := 0
		all := inputs(r)
		for _, i := range all {
			size += len(i.Name) + len(i.Value)
			isPassword(i.Name)
			isUser(i.Name)
		}
		if len(all) > maxInputs || size > 3*maxForm { // a byte that is no text becomes three
			t.Errorf("%d inputs of %d bytes", len(all), size)
		}
	})
}

func FuzzLocate(f *testing.F) {
	for _, target := range []string{"/", "/a/../b", "/.%2e/", "/%23/..", "//.//..", "/a%2f..%2f..", "/?/../", "/%"} {
		f.Add(target)
	}
	f.Fuzz(func(t *testing.T, target string) {
		path, _, ok := locate(target)
		if !ok {
			return
		}
		if !strings.HasPrefix(path, "/") || strings.Contains(path, "//") || strings.Contains(path+"/", "/../") || strings.Contains(path+"/", "/./") {
			t.Errorf("%q leads to %q", target, path)
		}
	})
}

// FuzzBody: a body that is fed byte by byte carries what it carries at once.
func FuzzBody(f *testing.F) {
	for _, b := range []string{"3\r\nabc\r\n0\r\n\r\n", "0\n\n", "a;x\n0123456789\n0\r\nA: b\r\n\r\n", "3\r\nabcd"} {
		f.Add([]byte(b))
	}
	f.Fuzz(func(t *testing.T, sent []byte) {
		var whole, bytewise body
		whole.expect(-1, true)
		bytewise.expect(-1, true)
		used, one := whole.feed(sent), 0
		for i := range sent {
			one += bytewise.feed(sent[i : i+1])
		}
		if used != one || whole.done != bytewise.done || whole.bad != bytewise.bad || !bytes.Equal(whole.kept, bytewise.kept) {
			t.Errorf("%q: %d and %d bytes, done %v and %v", sent, used, one, whole.done, bytewise.done)
		}
	})
}
