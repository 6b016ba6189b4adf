// Package nginx is the parser of access logs in the combined format, as nginx
// and Apache write it. README.md describes it.
//
// It may import ingest/parse and the standard library.
package nginx

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/ingest/parse"
)

// Plugin returns the parser.
func Plugin() parse.Plugin {
	return parse.Plugin{Name: "nginx", New: func() parse.Parser { return parser{} }}
}

type parser struct{}

// Parse implements parse.Parser.
func (parser) Parse(m parse.Message) (parse.Record, int) {
	if !slices.Contains([]string{"", "nginx", "apache2", "httpd"}, m.Program) {
		return parse.Record{}, 0
	}
	head, rest, ok := cutQuoted(m.Text)
	if !ok {
		return parse.Record{}, 0
	}
	r := parse.Record{Kind: parse.HTTPRequest, Attributes: map[string]string{}}
	if !readHead(&r, head) || !readTail(&r, rest.after) {
		return parse.Record{}, 0
	}
	readRequest(r.Attributes, rest.quoted)
	return r, 1
}

// readHead reads "[VHOST:PORT ]CLIENT IDENT USER [TIME] ". A user's name may hold
// spaces and brackets, so the time is taken from the end.
func readHead(r *parse.Record, head string) bool {
	head, ok := strings.CutSuffix(head, "] ")
	at := strings.LastIndex(head, " [")
	if !ok || at < 0 {
		return false
	}
	stamp, err := time.Parse("02/Jan/2006:15:04:05 -0700", head[at+2:])
	if err != nil {
		return false
	}
	r.Time = stamp
	client, rest := readClient(r, head[:at])
	ident, user, ok := strings.Cut(rest, " ")
	if !ok || client == "" || strings.HasSuffix(client, ",") || strings.HasSuffix(ident, ",") { // a list of proxies is another format
		return false
	}
	r.User = plain(user)
	if r.SourceIP, err = netip.ParseAddr(client); err != nil {
		r.Attributes[parse.RHost] = client // a name, or the socket of a proxy
	}
	return true
}

// readClient reads "[VHOST[:PORT] ]CLIENT" and what follows. A vhost has a port in Apache's
// vhost_combined; what is no address, with one behind it, is a vhost too, in brackets or
// without a port: a client chooses the Host that it asks for, and is not to be nobody by
// that.
func readClient(r *parse.Record, head string) (client, rest string) {
	client, rest, _ = strings.Cut(head, " ")
	second, after, _ := strings.Cut(rest, " ")
	name, port, ported := strings.Cut(client, ":")
	if ported && isNumber(port) && name != "" || !isAddress(client) && isAddress(second) && !strings.HasSuffix(client, ",") {
		r.Attributes[parse.VHost] = client
		return second, after
	}
	return client, rest
}

func isAddress(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil
}

// readTail reads ` STATUS BYTES` and, if they are there, ` "REFERER" "USER-AGENT"`.
// A line that was cut off behind its status is still a request.
func readTail(r *parse.Record, tail string) bool {
	status, rest, _ := strings.Cut(strings.TrimPrefix(tail, " "), " ")
	if len(status) != 3 || !isNumber(status) {
		return false
	}
	size, _, _ := strings.Cut(rest, " ")
	r.Attributes[parse.Status] = status
	if isNumber(size) {
		r.Attributes[parse.Bytes] = size
	}
	if _, referer, ok := cutQuoted(rest); ok {
		r.Attributes[parse.Referer] = plain(referer.quoted)
		if _, agent, ok := cutQuoted(referer.after); ok {
			r.Attributes[parse.UserAgent] = plain(agent.quoted)
		}
	}
	return true
}

// readRequest reads "METHOD TARGET[ PROTOCOL]", which is what HTTP/1 begins with
// (RFC 9112, section 3). What is something else, such as the first bytes of TLS,
// is kept as it was logged.
func readRequest(attributes map[string]string, line string) {
	method, target, ok := strings.Cut(unescaped(line), " ")
	if at := strings.LastIndex(target, " HTTP/"); at >= 0 {
		target = target[:at]
	}
	if !ok || !isMethod(method) {
		attributes[parse.Request] = plain(line)
		return
	}
	attributes[parse.Method], attributes[parse.Path] = method, target
}

// isMethod says whether it is one by its letters; RFC 9110 allows more, which
// nobody registered.
func isMethod(s string) bool {
	return s != "" && len(s) <= 32 && !strings.ContainsFunc(s, func(c rune) bool { return (c < 'A' || c > 'Z') && c != '-' && c != '_' })
}

func isNumber(s string) bool {
	_, err := strconv.ParseUint(s, 10, 63)
	return err == nil
}
