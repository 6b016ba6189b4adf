package api

import (
	"context"
	"net/http"

	"go.cordon.dev/cordon/internal/auth"
)

type setupStateOutput struct{ Body SetupState }

func (s *server) setupState(ctx context.Context, _ *struct{}) (*setupStateOutput, error) {
	n, err := s.Users.Count(ctx)
	return &setupStateOutput{SetupState{Needed: n == 0}}, err
}

type sessionOutput struct {
	SetCookie []http.Cookie `header:"Set-Cookie" hidden:"true"`
	Body      Me
}

type setupInput struct{ Body SetupRequest }

func (s *server) setup(ctx context.Context, in *setupInput) (*sessionOutput, error) {
	n, err := s.Users.Count(ctx)
	if err != nil {
		return nil, err
	}
	if n > 0 {
		return nil, problem(http.StatusConflict, "a user exists already; log in, or ask an admin for a user")
	}
	if s.Setup == nil {
		return nil, auth.ErrSetupToken
	}
	var u auth.User
	by := auth.Principal{Kind: auth.KindLocal, Name: "setup-link", Role: auth.Admin, Addr: peerOf(ctx).addr}
	err = s.Setup.Redeem(in.Body.Token, func() (err error) {
		u, err = s.Users.Create(ctx, by, in.Body.Name, auth.Admin, in.Body.Password)
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.begin(ctx, u)
}

type loginInput struct{ Body LoginRequest }

func (s *server) login(ctx context.Context, in *loginInput) (*sessionOutput, error) {
	u, err := s.Users.Authenticate(ctx, in.Body.Name, in.Body.Password, peerOf(ctx).addr)
	if err != nil {
		return nil, err
	}
	return s.begin(ctx, u)
}

// begin opens a session and writes the login into the audit log.
func (s *server) begin(ctx context.Context, u auth.User) (*sessionOutput, error) {
	cookie, err := s.open(ctx, u, "")
	if err != nil {
		return nil, err
	}
	return &sessionOutput{SetCookie: []http.Cookie{*cookie}, Body: me(auth.Principal{Kind: auth.KindUser, Name: u.Name, Role: u.Role})}, nil
}

func (s *server) open(ctx context.Context, u auth.User, reason string) (*http.Cookie, error) {
	p := peerOf(ctx)
	return s.Sessions.Begin(ctx, auth.Login{User: u, Old: p.session, Addr: p.addr, Agent: p.agent, TLS: p.tls, Reason: reason})
}

type cookieOutput struct {
	SetCookie []http.Cookie `header:"Set-Cookie" hidden:"true"`
}

func (s *server) logout(ctx context.Context, _ *struct{}) (*cookieOutput, error) {
	p := peerOf(ctx)
	if p.session == "" {
		return &cookieOutput{}, nil
	}
	cookie, err := s.Sessions.End(ctx, p.session, p.addr, p.tls)
	if err != nil {
		return nil, err
	}
	return &cookieOutput{[]http.Cookie{*cookie}}, nil
}

type sessionListOutput struct{ Body SessionList }

// listSessions shows a person their own sessions; whoever is no person has none.
func (s *server) listSessions(ctx context.Context, _ *struct{}) (*sessionListOutput, error) {
	who, _ := auth.PrincipalFrom(ctx)
	if who.Kind != auth.KindUser {
		return &sessionListOutput{SessionList{Items: []Session{}}}, nil
	}
	all, err := s.Sessions.List(ctx, who.Name)
	token := peerOf(ctx).session
	return &sessionListOutput{SessionList{Items: convert(all, func(a auth.Session) Session {
		return Session{ID: a.ID, CreatedAt: utc(a.CreatedAt), SeenAt: utc(a.SeenAt), ExpiresAt: utc(a.ExpiresAt), Addr: a.Addr, Agent: a.Agent, Current: a.Is(token)}
	})}}, err
}

type endSessionInput struct {
	ID string `path:"id" format:"uuid" doc:"The session's id."`
}

func (s *server) endSession(ctx context.Context, in *endSessionInput) (*struct{}, error) {
	who, _ := auth.PrincipalFrom(ctx)
	if who.Kind != auth.KindUser {
		return nil, auth.ErrNotFound
	}
	return &struct{}{}, s.Sessions.EndOne(ctx, who, in.ID)
}

type meOutput struct{ Body Me }

func (s *server) me(ctx context.Context, _ *struct{}) (*meOutput, error) {
	who, _ := auth.PrincipalFrom(ctx)
	return &meOutput{me(who)}, nil
}
