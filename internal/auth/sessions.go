package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"

	"go.cordon.dev/cordon/internal/clock"
)

// SessionCookie is the name of the cookie that holds a session's token.
const SessionCookie = "cordon_session"

// A session ends when it is not used for SessionIdle, and in any case after
// SessionLife.
const (
	SessionIdle = 12 * time.Hour
	SessionLife = 7 * 24 * time.Hour
)

// sessionTouchEvery is how often at most the store learns that a session is in
// use: reading a page must not cost a durable write.
const sessionTouchEvery = time.Minute

// ErrNoSession says that a cookie's session is unknown or over.
var ErrNoSession = errors.New("session is unknown or has ended")

// The values a session holds.
const (
	sessionUser  = "user"  // id
	sessionName  = "name"  // name
	sessionMark  = "mark"  // digest of the password hash at login
	sessionStart = "start" // unix seconds
	sessionSeen  = "seen"  // unix seconds
)

// SessionsDeps is what Sessions needs.
type SessionsDeps struct {
	Store SessionStore // Mandatory.
	Users UserStore    // Mandatory.
	Clock clock.Clock  // If nil, the machine's.
	Log   *slog.Logger // If nil, discards.
	// Secure marks every cookie Secure, for a server behind a proxy that
	// speaks TLS. Cookies of TLS connections are marked in any case.
	Secure bool
}

// Sessions keeps people logged in. The store sees hashes of tokens only.
type Sessions struct {
	scs    *scs.SessionManager
	users  UserStore
	clock  clock.Clock
	log    *slog.Logger
	secure bool
	ending sync.Mutex // a session that ends is not stored again by a request that was under way
}

// NewSessions returns the service.
func NewSessions(d SessionsDeps) *Sessions {
	// Not by scs.New: it starts a memory store whose goroutine nobody ends.
	m := &scs.SessionManager{Store: d.Store, Codec: scs.GobCodec{}, HashTokenInStore: true, Lifetime: SessionLife, IdleTimeout: SessionIdle}
	s := &Sessions{scs: m, users: d.Users, clock: d.Clock, log: d.Log, secure: d.Secure}
	if s.clock == nil {
		s.clock = clock.Real{}
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	return s
}

// Begin starts a session for a user who has just proved who they are, and
// returns its cookie. A session that old still names is ended, so that a token
// from before the login is worth nothing after it (session fixation).
func (s *Sessions) Begin(ctx context.Context, old string, u User, tls bool) (*http.Cookie, error) {
	ctx, err := s.scs.Load(ctx, old)
	if err != nil {
		return nil, fmt.Errorf("loading session: %w", err)
	}
	if err := s.scs.RenewToken(ctx); err != nil {
		return nil, fmt.Errorf("renewing session: %w", err)
	}
	now := s.clock.Now().Unix()
	for k, v := range map[string]any{sessionUser: u.ID, sessionName: u.Name, sessionMark: mark(u), sessionStart: now, sessionSeen: now} {
		s.scs.Put(ctx, k, v)
	}
	token, _, err := s.scs.Commit(ctx)
	if err != nil {
		return nil, fmt.Errorf("storing session: %w", err)
	}
	return s.cookie(token, int(SessionLife.Seconds()), tls), nil
}

// Resume returns who a token belongs to; ErrNoSession when nobody. active says
// that a person is there: it keeps the session from becoming idle.
func (s *Sessions) Resume(ctx context.Context, token, addr string, active bool) (Principal, error) {
	sctx, err := s.scs.Load(ctx, token)
	if err != nil {
		return Principal{}, fmt.Errorf("loading session: %w", err)
	}
	if token == "" || s.scs.Token(sctx) == "" || s.over(sctx) {
		return Principal{}, ErrNoSession
	}
	user, err := s.users.UserByName(ctx, s.scs.GetString(sctx, sessionName))
	if errors.Is(err, ErrNotFound) {
		return Principal{}, ErrNoSession
	}
	if err != nil {
		return Principal{}, fmt.Errorf("looking up the session's user: %w", err)
	}
	if user.ID != s.scs.GetString(sctx, sessionUser) || mark(user) != s.scs.GetString(sctx, sessionMark) {
		return Principal{}, ErrNoSession
	}
	if active && s.stale(sctx) {
		s.touch(ctx, token, user.Name)
	}
	return Principal{Kind: KindUser, Name: user.Name, Role: user.Role, Addr: addr}, nil
}

// over reports whether a session's time is up. The store forgets such sessions
// too, by the wall clock.
func (s *Sessions) over(ctx context.Context) bool {
	now := s.clock.Now()
	started, seen := time.Unix(s.scs.GetInt64(ctx, sessionStart), 0), time.Unix(s.scs.GetInt64(ctx, sessionSeen), 0)
	return now.Sub(started) >= SessionLife || now.Sub(seen) >= SessionIdle
}

func (s *Sessions) stale(ctx context.Context) bool {
	return s.clock.Now().Unix()-s.scs.GetInt64(ctx, sessionSeen) >= int64(sessionTouchEvery.Seconds())
}

// touch notes that a session is in use. When it cannot, the request goes on.
func (s *Sessions) touch(ctx context.Context, token, name string) {
	s.ending.Lock()
	defer s.ending.Unlock()
	sctx, err := s.scs.Load(ctx, token)
	if err == nil && s.scs.Token(sctx) != "" {
		s.scs.Put(sctx, sessionSeen, s.clock.Now().Unix())
		_, _, err = s.scs.Commit(sctx)
	}
	if err != nil {
		s.log.WarnContext(ctx, "noting the use of a session", "user", name, "error", err)
	}
}

// End ends the session of a token, if there is one, and returns the cookie
// that makes the browser forget it.
func (s *Sessions) End(ctx context.Context, token string, tls bool) (*http.Cookie, error) {
	s.ending.Lock()
	defer s.ending.Unlock()
	ctx, err := s.scs.Load(ctx, token)
	if err != nil {
		return nil, fmt.Errorf("loading session: %w", err)
	}
	if s.scs.Token(ctx) != "" {
		if err := s.scs.Destroy(ctx); err != nil {
			return nil, fmt.Errorf("ending session: %w", err)
		}
	}
	return s.cookie("", -1, tls), nil
}

// cookie lasts as long as a session can; the server decides when it is over.
func (s *Sessions) cookie(token string, maxAge int, tls bool) *http.Cookie {
	return &http.Cookie{
		Name: SessionCookie, Value: token, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: tls || s.secure, SameSite: http.SameSiteStrictMode,
	}
}

// mark ties a session to the password it began with: whoever sets a new one
// ends all sessions, whatever the store does.
func mark(u User) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "cordon/session/v1\x00%s\x00%d\x00%s", u.ID, u.SessionEpoch, u.PasswordHash))
	return hex.EncodeToString(sum[:16])
}
