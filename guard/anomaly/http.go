package anomaly

import (
	"bufio"
	"iter"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// HTTPOptions of a Monitor's middleware. All may be left out.
type HTTPOptions struct {
	// TrustedProxies are the addresses of own proxies, whose X-Forwarded-For is
	// believed. If empty, the client is whoever has connected: behind a proxy that makes
	// all clients one, and who guesses passwords hides among them. When the proxy connects
	// through a Unix socket, which has no address, any network says that it is trusted.
	TrustedProxies []netip.Prefix
	// Addr is who made a request, for proxies that say it in a header of their own. It
	// must not believe what a client can write. If nil, ClientAddr with TrustedProxies.
	Addr func(*http.Request) netip.Addr
	// User is whose request it is, for failed logins. If nil, nobody is known.
	User func(*http.Request) string
}

// Middleware records what requests show: a status of 401 is a failed login, 429 a
// limit that was run into; a path or a value of the query may climb or hold a command.
// It refuses nothing.
func (m *Monitor) Middleware(o HTTPOptions) func(http.Handler) http.Handler {
	if o.Addr == nil {
		o.Addr = func(r *http.Request) netip.Addr { return ClientAddr(r, o.TrustedProxies) }
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			from := o.Addr(r)
			m.recordRequest(from, r)
			s := &statusWriter{ResponseWriter: w}
			defer func() { m.recordStatus(from, r, s.status, o.User) }()
			next.ServeHTTP(s, r)
		})
	}
}

// recordRequest looks at what a request asks for.
func (m *Monitor) recordRequest(from netip.Addr, r *http.Request) {
	for _, e := range askedBy(r).asked(from) {
		m.Record(e)
	}
}

func (m *Monitor) recordStatus(from netip.Addr, r *http.Request, status int, user func(*http.Request) string) {
	name := ""
	if user != nil && status == http.StatusUnauthorized {
		name = user(r)
	}
	if e, ok := answered(from, r.URL.Path, status, name); ok {
		m.Record(e)
	}
}

// target looks at the path, and at the names and values of the query.
func (s *sight) target(target string) {
	path, query, _ := strings.Cut(target, "?")
	s.look(path, path, path)
	s.attack(path)
	for pair := range strings.SplitSeq(query[:min(len(query), mostRead)], "&") {
		if s.has(Traversal) && s.has(Injection) && s.has(WebAttacked) {
			break
		}
		name, value, _ := strings.Cut(strings.ReplaceAll(pair, "+", " "), "=")
		for _, text := range [...]string{name, value} { // clients encode slashes, too: it is judged as what a server makes of it
			s.look(unescapeOnce(text), text, path, "?", pair)
			s.attack(text)
		}
	}
}

// sight is what was seen of a request so far.
type sight struct {
	from   netip.Addr
	events []Event // one of a kind
}

// look notes what a text shows, as a path and as an input; where are the parts of
// where it was.
func (s *sight) look(path, input string, where ...string) {
	if !s.has(Traversal) && IsPathTraversal(path) {
		s.add(Traversal, brief(where...))
	}
	if !s.has(Injection) && IsCommandInjection(input) {
		s.add(Injection, unescaped(input[:min(len(input), mostRead)]))
	}
}

func (s *sight) has(k Kind) bool {
	return slices.ContainsFunc(s.events, func(e Event) bool { return e.Kind == k })
}

// brief joins parts, of the first no more than a log keeps.
func brief(parts ...string) string {
	if len(parts) > 1 && len(parts[0]) > mostPath {
		parts[0] = parts[0][:mostPath] + "…"
	}
	return strings.Join(parts, "")
}

// mostPath is how much of a path stands before what a query shows, in bytes.
const mostPath = 128

// answered is what the status of an answer shows.
func answered(from netip.Addr, path string, status int, user string) (Event, bool) {
	switch status {
	case http.StatusUnauthorized:
		return Event{Kind: FailedAuth, Addr: from, User: user}, true
	case http.StatusTooManyRequests:
		return Event{Kind: RateLimited, Addr: from, Detail: path}, true
	}
	return Event{}, false
}

// mostHops is how many proxies are followed back.
const mostHops = 32

// ClientAddr is the address that a request comes from, without its port: that of the
// connection or, when that is one of the trusted proxies, the last address in
// X-Forwarded-For that is not. What a client writes there itself is before it, and not
// believed. A connection through a Unix socket is a trusted proxy's when there are any.
// The zero Addr is returned when nothing is known.
func ClientAddr(r *http.Request, trusted []netip.Prefix) netip.Addr {
	addr, followed := plainAddr(r.RemoteAddr), 0
	socket := len(trusted) > 0 && (r.RemoteAddr == "" || r.RemoteAddr == "@")
	for hop := range hopsBack(r.Header.Values("X-Forwarded-For")) {
		if followed++; !socket && !within(addr, trusted) || followed > mostHops {
			return addr
		}
		socket = false
		before := plainAddr(strings.TrimSpace(hop))
		if !before.IsValid() {
			return addr
		}
		addr = before
	}
	return addr
}

// hopsBack yields what lies between commas, the last first: a client writes as many of
// them as a server takes.
func hopsBack(lists []string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, list := range slices.Backward(lists) {
			for more := true; more; {
				at := strings.LastIndexByte(list, ',')
				more = at >= 0
				if !yield(list[at+1:]) {
					return
				}
				list = list[:max(at, 0)]
			}
		}
	}
}

// plainAddr reads an address with or without a port.
func plainAddr(s string) netip.Addr {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().WithZone("")
	}
	a, err := netip.ParseAddr(strings.Trim(s, "[]"))
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap().WithZone("")
}

func within(a netip.Addr, networks []netip.Prefix) bool {
	return a.IsValid() && slices.ContainsFunc(networks, func(p netip.Prefix) bool { return p.Contains(a) })
}

// statusWriter notes the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Flush implements http.Flusher, for handlers that ask for it by its type.
func (w *statusWriter) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() } // the interface has no error

// Hijack implements http.Hijacker.
func (w *statusWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(w.ResponseWriter).Hijack()
}
