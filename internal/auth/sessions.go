package auth

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/id"
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
// use: reading a page must not cost a durable write. sessionTouchDeadline
// bounds that write: nobody is kept waiting for it.
const (
	sessionTouchEvery    = time.Minute
	sessionTouchDeadline = time.Second
)

// maxAgent bounds what is kept of a browser's name for itself, in bytes.
const maxAgent = 256

var tokenForm = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

// ErrNoSession says that a cookie's session is unknown or over.
var ErrNoSession = errors.New("session is unknown or has ended")

// SessionsDeps is what Sessions needs.
type SessionsDeps struct {
	Store SessionStore // Mandatory.
	Users UserStore    // Mandatory.
	Clock clock.Clock  // If nil, the machine's.
	Log   *slog.Logger // If nil, discards.
}

// Sessions keeps people logged in. The store sees hashes of tokens only: a
// token has 256 random bits, so its SHA-256 cannot be guessed.
type Sessions struct {
	store SessionStore
	users UserStore
	clock clock.Clock
	log   *slog.Logger
}

// NewSessions returns the service.
func NewSessions(d SessionsDeps) *Sessions {
	s := &Sessions{store: d.Store, users: d.Users, clock: d.Clock, log: d.Log}
	if s.clock == nil {
		s.clock = clock.Real{}
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	return s
}

// Login is what a session begins with.
type Login struct {
	User   User
	Old    string // token that the browser had before; its session ends
	Addr   string // IP address
	Agent  string // what the browser calls itself
	TLS    bool   // the cookie is for TLS only
	Reason string // for the audit log; may be empty
}

// Begin starts a session for a user who has just proved who they are, and
// returns its cookie. The session that the browser had ends, so that a token
// from before the login is worth nothing after it (session fixation).
func (s *Sessions) Begin(ctx context.Context, l Login) (*http.Cookie, error) {
	token, now := base64.RawURLEncoding.EncodeToString(random(32)), s.clock.Now().UTC().Truncate(time.Microsecond)
	session := Session{
		ID: id.New(), TokenHash: hashKey(token), UserID: l.User.ID, UserName: l.User.Name, Mark: mark(l.User),
		CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(SessionLife), Addr: l.Addr, Agent: clipAgent(l.Agent),
	}
	old := ""
	if tokenForm.MatchString(l.Old) {
		old = hashKey(l.Old)
	}
	by := Principal{Kind: KindUser, Name: l.User.Name, Role: l.User.Role, Addr: l.Addr}
	if err := s.store.CreateSession(ctx, session, old, by.Act(now, ActionLogin, l.User.Name, l.Reason)); err != nil {
		return nil, fmt.Errorf("beginning session: %w", err)
	}
	return cookie(token, int(SessionLife.Seconds()), l.TLS), nil
}

func clipAgent(agent string) string {
	return strings.ToValidUTF8(agent[:min(len(agent), maxAgent)], "\uFFFD")
}

// Resume returns who a token belongs to; ErrNoSession when nobody. active says
// that a person is there: it keeps the session from becoming idle.
func (s *Sessions) Resume(ctx context.Context, token, addr string, active bool) (Principal, error) {
	session, user, err := s.find(ctx, token)
	if err != nil {
		return Principal{}, err
	}
	if active && s.clock.Now().Sub(session.SeenAt) >= sessionTouchEvery {
		s.touch(ctx, session)
	}
	return Principal{Kind: KindUser, Name: user.Name, Role: user.Role, Addr: addr}, nil
}

// find returns the session of a token and its user; ErrNoSession when it is
// unknown or over.
func (s *Sessions) find(ctx context.Context, token string) (Session, User, error) {
	if !tokenForm.MatchString(token) {
		return Session{}, User{}, ErrNoSession
	}
	session, err := s.store.SessionByHash(ctx, hashKey(token))
	if errors.Is(err, ErrNotFound) {
		return Session{}, User{}, ErrNoSession
	}
	if err != nil {
		return Session{}, User{}, fmt.Errorf("looking up session: %w", err)
	}
	user, err := s.users.UserByName(ctx, session.UserName)
	if errors.Is(err, ErrNotFound) {
		return Session{}, User{}, ErrNoSession
	}
	if err != nil {
		return Session{}, User{}, fmt.Errorf("looking up the session's user: %w", err)
	}
	if !s.lives(session, user) {
		return Session{}, User{}, ErrNoSession
	}
	return session, user, nil
}

// lives reports whether a session is still that of its user: the same one, not
// disabled, with the same password, and in time.
func (s *Sessions) lives(session Session, u User) bool {
	now := s.clock.Now()
	return session.UserID == u.ID && session.Mark == mark(u) && u.DisabledAt == nil &&
		now.Before(session.ExpiresAt) && now.Sub(session.SeenAt) < SessionIdle
}

// touch notes that a session is in use. When it cannot, the request goes on.
func (s *Sessions) touch(ctx context.Context, session Session) {
	ctx, cancel := context.WithTimeout(ctx, sessionTouchDeadline)
	defer cancel()
	if err := s.store.TouchSession(ctx, session.ID, s.clock.Now().UTC().Truncate(time.Microsecond)); err != nil {
		s.log.WarnContext(ctx, "noting the use of a session", "user", session.UserName, "error", err)
	}
}

// End ends the session of a token, if there is one, and returns the cookie
// that makes the browser forget it.
func (s *Sessions) End(ctx context.Context, token, addr string, tls bool) (*http.Cookie, error) {
	session, user, err := s.find(ctx, token)
	if err == nil {
		by := Principal{Kind: KindUser, Name: user.Name, Role: user.Role, Addr: addr}
		err = s.store.EndSession(ctx, session.ID, by.Act(s.clock.Now(), ActionLogout, user.Name, ""))
	}
	if err != nil && !errors.Is(err, ErrNoSession) && !errors.Is(err, ErrNotFound) {
		return nil, fmt.Errorf("ending session: %w", err)
	}
	return cookie("", -1, tls), nil
}

// List returns the sessions of a user that can still be used, newest first.
func (s *Sessions) List(ctx context.Context, name string) ([]Session, error) {
	user, err := s.users.UserByName(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("listing sessions: %w", err)
	}
	all, err := s.store.ListSessions(ctx, user.ID)
	if err != nil {
		return nil, fmt.Errorf("listing sessions: %w", err)
	}
	var out []Session
	for _, session := range all {
		if s.lives(session, user) {
			out = append(out, session)
		}
	}
	return out, nil
}

// EndOne ends the session with this id if it is the user's own; ErrNotFound
// when it is not.
func (s *Sessions) EndOne(ctx context.Context, by Principal, sessionID string) error {
	all, err := s.List(ctx, by.Name)
	if err != nil {
		return err
	}
	for _, session := range all {
		if session.ID == sessionID {
			return s.store.EndSession(ctx, sessionID, by.Act(s.clock.Now(), ActionSessionEnd, sessionID, ""))
		}
	}
	return fmt.Errorf("session %q: %w", sessionID, ErrNotFound)
}

// Is reports whether a token is that of the session.
func (s Session) Is(token string) bool { return token != "" && hashKey(token) == s.TokenHash }

// cookie lasts as long as a session can; the server decides when it is over.
func cookie(token string, maxAge int, tls bool) *http.Cookie {
	return &http.Cookie{
		Name: SessionCookie, Value: token, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: tls, SameSite: http.SameSiteStrictMode,
	}
}

// mark ties a session to the password it began with: whoever sets a new one
// ends all sessions, whatever the store does.
func mark(u User) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "cordon/session/v1\x00%s\x00%d\x00%s", u.ID, u.SessionEpoch, u.PasswordHash))
	return hex.EncodeToString(sum[:16])
}
