package api

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/httpx"
)

// requestHeader is what a request with a session cookie carries when it changes
// something. Another site's form cannot set it, and its script may not.
const requestHeader = "X-Cordon-Request"

// peer is what a request says of its caller besides who it is.
type peer struct {
	addr    string // IP address; empty on the control socket
	agent   string // what the program calls itself
	tls     bool
	session string                      // token of the session cookie, when that is who the caller is
	again   func(context.Context) error // identifies the caller anew; an error ends a stream
}

type peerKey struct{}

func peerOf(ctx context.Context) peer {
	p, _ := ctx.Value(peerKey{}).(peer)
	return p
}

// identified finds out who calls, puts it into the context, and turns away what
// another site may have made a browser send.
func (s *server) identified(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := cross.Check(r); err != nil {
			writeProblem(w, problem(http.StatusForbidden, "the request comes from another site's page; open the dashboard itself"))
			return
		}
		ctx, p, err := s.identify(r)
		if s.heldUp(ctx, w, r, err) {
			return
		}
		if err != nil {
			s.turnAway(w, r, err)
			return
		}
		if p.session != "" && !safe(r.Method) && r.Header.Get(requestHeader) != "1" {
			writeProblem(w, problem(http.StatusForbidden, "with a session cookie, send the header %s: 1", requestHeader))
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r.WithContext(context.WithValue(ctx, peerKey{}, p)))
	})
}

// identify tries, in this order, an API key, who the application says calls
// (the control socket), and the session cookie. A bad key is an error; a
// session that has ended makes the caller anonymous.
func (s *server) identify(r *http.Request) (context.Context, peer, error) {
	p := peer{addr: remoteIP(r), agent: r.UserAgent(), tls: httpx.OverTLS(r)}
	if header := r.Header.Get("Authorization"); header != "" {
		key := bearer(header)
		who, err := s.byKey(r.Context(), key, p.addr)
		p.again = func(ctx context.Context) error { _, err := s.byKey(ctx, key, p.addr); return err }
		return auth.WithPrincipal(r.Context(), who), p, err
	}
	if _, ok := auth.PrincipalFrom(r.Context()); ok {
		p.again = func(context.Context) error { return nil }
		return r.Context(), p, nil
	}
	cookie, err := r.Cookie(auth.SessionCookie)
	if err != nil {
		return r.Context(), p, nil
	}
	who, err := s.bySession(r.Context(), cookie.Value, p.addr, true)
	if errors.Is(err, auth.ErrNoSession) {
		return r.Context(), p, nil
	}
	p.session = cookie.Value
	p.again = func(ctx context.Context) error { _, err := s.bySession(ctx, cookie.Value, p.addr, false); return err }
	return auth.WithPrincipal(r.Context(), who), p, err
}

// heldUp turns away who is too fast, and reports that; err is why it is not known who
// calls.
func (s *server) heldUp(ctx context.Context, w http.ResponseWriter, r *http.Request, err error) bool {
	wait := s.tooFast(ctx, r, err)
	if wait == 0 {
		return false
	}
	w.Header().Set("Retry-After", httpx.RetryAfter(wait))
	writeProblem(w, problem(http.StatusTooManyRequests, "too many requests; wait as Retry-After says, or ask for a higher api.rate_limit"))
	return true
}

// tooFast returns how long a caller has to wait; 0 when it need not. Whoever is
// known has a bucket of their own, everybody else shares that of their network.
// The machine's own administrator is not held up.
func (s *server) tooFast(ctx context.Context, r *http.Request, err error) time.Duration {
	who, known := auth.PrincipalFrom(ctx)
	if s.Limit == nil || known && err == nil && who.Kind == auth.KindLocal {
		return 0
	}
	key := "address " + httpx.ClientKey(r)
	if known && err == nil {
		key = "caller " + who.Label()
	}
	if ok, wait := s.Limit.Allow(key); !ok {
		return wait
	}
	return 0
}

func (s *server) byKey(ctx context.Context, key, addr string) (auth.Principal, error) {
	ctx, cancel := context.WithTimeout(ctx, requestDeadline)
	defer cancel()
	return s.Keys.Authenticate(ctx, key, addr)
}

func (s *server) bySession(ctx context.Context, token, addr string, active bool) (auth.Principal, error) {
	ctx, cancel := context.WithTimeout(ctx, requestDeadline)
	defer cancel()
	return s.Sessions.Resume(ctx, token, addr, active)
}

// turnAway answers when who calls is wrong or cannot be found out.
func (s *server) turnAway(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, auth.ErrKey) {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		writeProblem(w, problem(http.StatusUnauthorized, "%s; cordon apikey create makes a new one", auth.ErrKey.Error()))
		return
	}
	if r.Context().Err() == nil { // a caller who has gone is no failure
		s.Log.ErrorContext(r.Context(), "finding out who calls", "error", err)
	}
	w.Header().Set("Retry-After", "2")
	writeProblem(w, problem(http.StatusServiceUnavailable, "who calls cannot be found out, because the store does not answer; try again in a few seconds"))
}

// bearer returns the key of an Authorization header (RFC 6750); empty when it
// is of another scheme.
func bearer(header string) string {
	scheme, key, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(key)
}

// remoteIP is the peer's address. Headers that claim another are not believed.
func remoteIP(r *http.Request) string {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	return ap.Addr().Unmap().WithZone("").String()
}

func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}
