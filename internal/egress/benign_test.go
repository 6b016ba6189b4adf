package egress

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// friendly lets everybody out who behaves.
const friendly = `
mode: strict
default_policy: deny
allowlist:
  rules:
    - {host: ok.example}
    - {host: '*.ok.example'}
    - {host: xn--bcher-kva.example}
    - {host: 203.0.113.0/24}
    - {host: '2001:db8::/32'}
    - {host: 127.0.0.1, ports: [9]}
    - {host: only-web.example, ports: [443, 8443], protocols: [https]}
    - {host: only-ws.example, ports: [80], protocols: [ws]}
`

// benign is something that must pass: do fails the test when it does not.
type benign struct {
	what string
	do   func(*testing.T, *world)
}

func newFriendly(t *testing.T) *world { return befriended(t, nil) }

// befriended is a friendly world with other options.
func befriended(t *testing.T, tune func(*Options)) *world {
	w := open(t, friendly, tune)
	for _, n := range []string{"ok.example", "www.ok.example", "a.b.ok.example", "xn--bcher-kva.example", "only-web.example", "only-ws.example"} {
		w.name(n, "203.0.113.1")
	}
	w.elsewhere(web(t, http.HandlerFunc(obliging)).addr)
	return w
}

// obliging answers in the way that the query asks for.
func obliging(w http.ResponseWriter, r *http.Request) {
	n, _ := io.Copy(io.Discard, r.Body)
	w.Header().Set("X-Got", strconv.FormatInt(n, 10))
	w.Header().Set("X-Target", r.RequestURI)
	w.Header().Set("X-Host", r.Host)
	w.Header().Set("X-Seen", r.Header.Get("X-Ask"))
	q := r.URL.Query()
	size, _ := strconv.Atoi(q.Get("size"))
	body := strings.Repeat("x", size)
	if s, err := strconv.Atoi(q.Get("status")); err == nil {
		w.WriteHeader(s)
		return
	}
	switch q.Get("framing") {
	case "sized":
		w.Header().Set("Content-Length", strconv.Itoa(size))
	case "chunked":
		_ = http.NewResponseController(w).Flush()
	case "close":
		w.Header().Set("Connection", "close")
	}
	_, _ = io.WriteString(w, body)
}

// fetches does a request through Go's client.
func fetches(method, url string, body io.Reader, check func(*http.Response, string) bool) func(*testing.T, *world) {
	return func(t *testing.T, w *world) {
		req, err := http.NewRequest(method, url, body)
		if err != nil {
			t.Fatal(err)
		}
		got, err := w.through().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(got.Body)
		_ = got.Body.Close()
		if err != nil || !check(got, string(text)) {
			t.Errorf("%s %v %v, %d bytes %.100s", got.Status, got.Header, err, len(text), text)
		}
	}
}

func ok(got *http.Response, _ string) bool { return got.StatusCode == http.StatusOK }

func methodsAndFramings() (all []benign) {
	for _, m := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"} {
		for _, framing := range []string{"sized", "chunked", "close"} {
			for _, size := range []int{0, 1000, 300_000} {
				url := fmt.Sprintf("http://ok.example/?framing=%s&size=%d", framing, size)
				all = append(all, benign{fmt.Sprintf("%s, an answer of %d bytes, %s", m, size, framing), fetches(m, url, nil, func(got *http.Response, body string) bool {
					return got.StatusCode == 200 && (len(body) == size || m == "HEAD" && body == "")
				})})
			}
		}
	}
	for _, s := range []int{201, 204, 206, 301, 304, 401, 404, 407, 418, 500, 503} {
		all = append(all, benign{fmt.Sprintf("status %d", s), fetches("GET", fmt.Sprintf("http://ok.example/?status=%d", s), nil, func(got *http.Response, _ string) bool {
			return got.StatusCode == s && got.Header.Get("X-Cordon-Decision") == ""
		})})
	}
	for _, size := range []int{1, 4096, 70_000, 1 << 20} {
		got := func(got *http.Response, _ string) bool { return got.Header.Get("X-Got") == strconv.Itoa(size) }
		all = append(all,
			benign{fmt.Sprintf("a body of %d bytes", size), fetches("POST", "http://ok.example/", strings.NewReader(strings.Repeat("b", size)), got)},
			benign{fmt.Sprintf("a body of %d bytes in chunks", size), fetches("PUT", "http://ok.example/", io.MultiReader(strings.NewReader(strings.Repeat("b", size))), got)})
	}
	return all
}

// targets are URLs that name an allowed place, and what the origin sees of them.
func targets() (all []benign) {
	for url, want := range map[string][2]string{
		"http://ok.example":                              {"ok.example", "/"},
		"http://ok.example?a=b":                          {"ok.example", "/?a=b"},
		"http://ok.example:80/":                          {"ok.example", "/"},
		"http://ok.example:8080/x":                       {"ok.example:8080", "/x"},
		"http://OK.Example/X":                            {"ok.example", "/X"},
		"http://ok.example./":                            {"ok.example", "/"},
		"http://www.ok.example/":                         {"www.ok.example", "/"},
		"http://a.b.ok.example/":                         {"a.b.ok.example", "/"},
		"http://xn--bcher-kva.example/":                  {"xn--bcher-kva.example", "/"},
		"http://203.0.113.77/":                           {"203.0.113.77", "/"},
		"http://[2001:db8::7]/":                          {"[2001:db8::7]", "/"},
		"http://[2001:DB8:0:0::7]:81/":                   {"[2001:db8::7]:81", "/"},
		"http://ok.example/a%20b/%2e%2e/c":               {"ok.example", "/a%20b/%2e%2e/c"},
		"http://ok.example//x//y":                        {"ok.example", "//x//y"},
		"http://ok.example/a;b=c?d;e":                    {"ok.example", "/a;b=c?d;e"},
		"http://ok.example/?u=http://evil.example/":      {"ok.example", "/?u=http://evil.example/"},
		"http://ok.example/?q=%00%0d%0a":                 {"ok.example", "/?q=%00%0d%0a"},
		"http://ok.example/@x:y/":                        {"ok.example", "/@x:y/"},
		"http://ok.example/" + strings.Repeat("l", 8000): {"ok.example", "/" + strings.Repeat("l", 8000)},
	} {
		what := "the URL " + url
		all = append(all, benign{what[:min(len(what), 60)], func(t *testing.T, w *world) {
			host := strings.TrimPrefix(url, "http://")
			if i := strings.IndexAny(host, "/?"); i >= 0 {
				host = host[:i]
			}
			got := w.connect().say("GET " + url + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n").answer("GET")
			if got.Header.Get("X-Host") != want[0] || got.Header.Get("X-Target") != want[1] {
				t.Errorf("%s, the origin saw %q %q", got.Status, got.Header.Get("X-Host"), got.Header.Get("X-Target"))
			}
		}})
	}
	return all
}

// heads are odd, and unambiguous all the same.
func heads() (all []benign) {
	line := "GET http://ok.example/ HTTP/1.1\r\nHost: ok.example\r\n"
	for what, text := range map[string]string{
		"a field of UTF-8":                  line + "X-Ask: grüße\r\n\r\n",
		"a field of Latin-1":                line + "X-Ask: gr\xfc\xdfe\r\n\r\n",
		"an empty field":                    line + "X-Empty:\r\n\r\n",
		"a field with tabs":                 line + "X-Ask: a\tb\r\n\r\n",
		"a long field":                      line + "Cookie: " + strings.Repeat("c", 16<<10) + "\r\n\r\n",
		"many fields":                       line + strings.Repeat("X-Many: y\r\n", 150) + "\r\n",
		"the same field twice":              line + "Accept: a\r\nAccept: b\r\n\r\n",
		"a Host with its port":              "GET http://ok.example/ HTTP/1.1\r\nHost: ok.example:80\r\n\r\n",
		"a Host in upper case":              "GET http://ok.example/ HTTP/1.1\r\nHOST: OK.EXAMPLE\r\n\r\n",
		"HTTP/1.0":                          "GET http://ok.example/ HTTP/1.0\r\n\r\n",
		"HTTP/1.0 that stays open":          "GET http://ok.example/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
		"Proxy-Connection":                  line + "Proxy-Connection: Keep-Alive\r\n\r\n",
		"a login for the proxy":             line + "Proxy-Authorization: Basic eDp5\r\n\r\n",
		"a login for the origin":            line + "Authorization: Basic eDp5\r\n\r\n",
		"Connection that names a field":     line + "Connection: X-Mine\r\nX-Mine: 1\r\n\r\n",
		"TE: trailers":                      line + "TE: trailers\r\nConnection: TE\r\n\r\n",
		"an upgrade to HTTP/2":              line + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
		"an upgrade to HTTP/2 with a body":  "POST http://ok.example/ HTTP/1.1\r\nHost: ok.example\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nContent-Length: 3\r\n\r\nabc",
		"a scheme in upper case":            "GET HTTP://ok.example/ HTTP/1.1\r\nHost: ok.example\r\n\r\n",
		"an empty line before":              "\r\n" + line + "\r\n",
		"a method of one's own":             "BREW http://ok.example/ HTTP/1.1\r\nHost: ok.example\r\n\r\n",
		"Content-Length: 0 of a GET":        line + "Content-Length: 0\r\n\r\n",
		"a GET with a body":                 line + "Content-Length: 3\r\n\r\nabc",
		"X-Forwarded-For":                   line + "X-Forwarded-For: 10.0.0.1\r\n\r\n",
		"a Via of another proxy":            line + "Via: 1.1 squid\r\n\r\n",
		"a method override that is allowed": line + "X-HTTP-Method-Override: PATCH\r\n\r\n",
		"Max-Forwards":                      line + "Max-Forwards: 7\r\n\r\n",
		"chunks of one byte":                "POST http://ok.example/ HTTP/1.1\r\nHost: ok.example\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1\r\nx\r\n", 100) + "0\r\n\r\n",
		"chunks with extensions":            "POST http://ok.example/ HTTP/1.1\r\nHost: ok.example\r\nTransfer-Encoding: chunked\r\n\r\n3;a=\"b\"\r\nxyz\r\n0\r\n\r\n",
		"a trailer":                         "POST http://ok.example/ HTTP/1.1\r\nHost: ok.example\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-Sum: 1\r\n\r\n",
	} {
		all = append(all, benign{what, func(t *testing.T, w *world) {
			if got := w.connect().say(text).answer("GET"); !ok(got, "") {
				body, _ := io.ReadAll(got.Body)
				t.Errorf("%s %s", got.Status, body)
			}
		}})
	}
	return all
}

// Nobody who behaves is denied, with everything looked at that is sent.
func TestBenign(t *testing.T) {
	n := 0
	for _, some := range [][]benign{methodsAndFramings(), targets(), heads(), streams(), tlsClients(), goodStories(), byAgents(t)} {
		for _, b := range some {
			n++
			t.Run(b.what, func(t *testing.T) {
				w := befriended(t, inspectors(t))
				b.do(t, w)
				if denied := w.gw.Blocked(0); len(denied) > 0 {
					t.Errorf("denied: %+v", denied)
				}
			})
		}
	}
	if n < 250 {
		t.Errorf("only %d cases", n)
	}
	t.Logf("%d cases", n)
}
