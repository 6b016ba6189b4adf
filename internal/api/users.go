package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"go.cordon.dev/cordon/internal/auth"
)

type userListOutput struct{ Body UserList }

func (s *server) listUsers(ctx context.Context, _ *struct{}) (*userListOutput, error) {
	all, err := s.Users.List(ctx)
	return &userListOutput{UserList{Items: convert(all, user)}}, err
}

type createUserInput struct{ Body UserRequest }

type userOutput struct{ Body User }

func (s *server) createUser(ctx context.Context, in *createUserInput) (*userOutput, error) {
	who, _ := auth.PrincipalFrom(ctx)
	u, err := s.Users.Create(ctx, who, in.Body.Name, auth.Role(in.Body.Role), in.Body.Password)
	return &userOutput{user(u)}, err
}

type setPasswordInput struct {
	Name string `path:"name" maxLength:"64" doc:"The user's name."`
	Body PasswordRequest
}

func (s *server) setPassword(ctx context.Context, in *setPasswordInput) (*cookieOutput, error) {
	who, _ := auth.PrincipalFrom(ctx)
	own := who.Kind == auth.KindUser && strings.EqualFold(who.Name, in.Name)
	if !own {
		if !who.Role.Includes(auth.Admin) {
			return nil, problem(http.StatusForbidden, "only an admin may set the password of somebody else")
		}
		return &cookieOutput{}, s.Users.SetPassword(ctx, who, in.Name, in.Body.Password)
	}
	if _, err := s.Users.Authenticate(ctx, in.Name, in.Body.Current, who.Addr); err != nil {
		return nil, currentPassword(err)
	}
	if err := s.Users.SetPassword(ctx, who, in.Name, in.Body.Password); err != nil {
		return nil, err
	}
	return s.renew(ctx, who.Name)
}

// currentPassword tells a wrong current password from being logged out.
func currentPassword(err error) error {
	if errors.Is(err, auth.ErrCredentials) {
		return invalid("body.current", "is not your current password")
	}
	return err
}

// renew begins a new session in place of the one that the new password ended.
func (s *server) renew(ctx context.Context, name string) (*cookieOutput, error) {
	u, err := s.Users.Get(ctx, name)
	if err != nil {
		return nil, err
	}
	cookie, err := s.open(ctx, u, "new password")
	if err != nil {
		return nil, err
	}
	return &cookieOutput{[]http.Cookie{*cookie}}, nil
}

type changeUserInput struct {
	Name string `path:"name" maxLength:"64" doc:"The user's name."`
	Body UserChangeRequest
}

func (s *server) changeUser(ctx context.Context, in *changeUserInput) (*userOutput, error) {
	who, _ := auth.PrincipalFrom(ctx)
	c := auth.UserChange{Disabled: in.Body.Disabled, Reason: s.redact(in.Body.Reason)}
	if in.Body.Role != "" {
		role := auth.Role(in.Body.Role)
		c.Role = &role
	}
	if c.Role == nil && c.Disabled == nil {
		return nil, invalid("body", "gives nothing to change; give role, disabled or both")
	}
	u, err := s.Users.Change(ctx, who, in.Name, c)
	return &userOutput{user(u)}, err
}

type deleteUserInput struct {
	Name   string `path:"name" maxLength:"64" doc:"The user's name."`
	Reason string `query:"reason" maxLength:"500" doc:"Why, for the audit log."`
}

func (s *server) deleteUser(ctx context.Context, in *deleteUserInput) (*struct{}, error) {
	who, _ := auth.PrincipalFrom(ctx)
	return &struct{}{}, s.Users.Delete(ctx, who, in.Name, s.redact(in.Reason))
}

// redact takes the secrets out of what a person wrote.
func (s *server) redact(text string) string {
	if s.Redact == nil {
		return text
	}
	return s.Redact(text)
}

type keyListOutput struct{ Body APIKeyList }

func (s *server) listKeys(ctx context.Context, _ *struct{}) (*keyListOutput, error) {
	all, err := s.Keys.List(ctx)
	return &keyListOutput{APIKeyList{Items: convert(all, apiKey)}}, err
}

type createKeyInput struct{ Body APIKeyRequest }

type keyCreatedOutput struct {
	CacheControl string `header:"Cache-Control" hidden:"true"`
	Body         APIKeyCreated
}

func (s *server) createKey(ctx context.Context, in *createKeyInput) (*keyCreatedOutput, error) {
	who, _ := auth.PrincipalFrom(ctx)
	if err := s.checkScopes(in.Body.Scopes); err != nil {
		return nil, err
	}
	secret, k, err := s.Keys.Create(ctx, who, auth.NewKey{Name: in.Body.Name, Role: auth.Role(in.Body.Role), Scopes: in.Body.Scopes, ExpiresAt: in.Body.ExpiresAt})
	if err != nil {
		return nil, err
	}
	return &keyCreatedOutput{CacheControl: "no-store", Body: APIKeyCreated{APIKey: apiKey(k), Key: secret.Reveal()}}, nil
}

type revokeKeyInput struct {
	Name string `path:"name" maxLength:"64" doc:"The key's name."`
}

func (s *server) revokeKey(ctx context.Context, in *revokeKeyInput) (*struct{}, error) {
	who, _ := auth.PrincipalFrom(ctx)
	return &struct{}{}, s.Keys.Revoke(ctx, who, in.Name)
}
