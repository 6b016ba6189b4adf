package anomaly

import (
	"net/http"
	"net/netip"
	"strings"
)

// Request is a request as a web server logs it. What is not known stays zero.
type Request struct {
	Target    string // the path with its query, as it came
	Referer   string
	UserAgent string
	Status    int
	User      string
}

// Events are what a request shows, as a Middleware would record it: of each kind one,
// the first.
func (r Request) Events(from netip.Addr) []Event {
	events := r.asked(from)
	path, _, _ := strings.Cut(r.Target, "?")
	if e, ok := answered(from, path, r.Status, r.User); ok {
		events = append(events, e)
	}
	return events
}

func (r Request) asked(from netip.Addr) []Event {
	seen := sight{from: from}
	seen.target(r.Target)
	seen.header(r.UserAgent)
	seen.header(r.Referer)
	if name := Scanner(r.UserAgent); name != "" && !seen.has(WebAttacked) {
		seen.add(WebAttacked, "scanner: "+name)
	}
	return seen.events
}

// Requested is what a request shows of which only the target, the status and the user
// are known. target is the path with its query as it came; status 0 is not known.
func Requested(from netip.Addr, target string, status int, user string) []Event {
	return Request{Target: target, Status: status, User: user}.Events(from)
}

func askedBy(r *http.Request) Request {
	return Request{Target: r.RequestURI, Referer: r.Referer(), UserAgent: r.UserAgent()}
}

// header looks at what a client says of itself: what programs behind the server log, or
// hand to a shell. Paths mean nothing there.
func (s *sight) header(text string) {
	if len(text) < leastHeader {
		return
	}
	s.attack(text)
	if s.has(Injection) || !mayCommand(text) {
		return
	}
	if IsCommandInjection(withoutComments(text)) {
		s.add(Injection, unescaped(text[:min(len(text), mostRead)]))
	}
}

// leastHeader is the length of the shortest header that is an attack, in bytes.
const leastHeader = 5

func (s *sight) attack(text string) {
	if s.has(WebAttacked) {
		return
	}
	if name, shown := WebAttack(text); name != "" {
		s.add(WebAttacked, name+": "+shown)
	}
}

func (s *sight) add(k Kind, detail string) {
	s.events = append(s.events, Event{Kind: k, Addr: s.from, Detail: detail})
}

// mayCommand says whether a header has a sign that a command may begin behind, other than one
// that parts a comment.
func mayCommand(text string) bool {
	found, depth := false, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '(', ')':
			depth = nested(text, i, depth)
		case ';', '|', '&', '`', '$', '\n', '<', '>', '%': // the openers, and what may be one escaped
			found = found || depth == 0 || !parts(c)
		}
	}
	return found || depth > 0 && strings.ContainsAny(text, openers)
}

// withoutComments is a header in which signs of a User-Agent's comment part nothing: in
// "(X11; Linux)" the semicolon begins no command. A comment that is not closed is none.
func withoutComments(text string) string {
	b, depth := []byte(text), 0
	for i, c := range b {
		if depth = nested(text, i, depth); depth > 0 && parts(c) {
			b[i] = ','
		}
	}
	if depth > 0 {
		return text
	}
	return string(b)
}

// parts says whether a sign parts what stands in a comment.
func parts(c byte) bool { return c == ';' || c == '|' || c == '&' }

// nested is how many comments text[i] is in, of which depth began before it. "$(" begins
// none.
func nested(text string, i, depth int) int {
	switch c := text[i]; {
	case c == '(' && (depth > 0 || i == 0 || strings.IndexByte("$<>", text[i-1]) < 0):
		return depth + 1
	case c == ')' && depth > 0:
		return depth - 1
	}
	return depth
}
