package cli

import (
	"context"
	"fmt"
	"io"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
)

type userRoleCmd struct {
	Name       string `arg:"" help:"Whose role."`
	Role       string `arg:"" help:"viewer, reviewer, responder or admin."`
	reasonFlag `embed:""`
}

func (c *userRoleCmd) Run(ctx context.Context, s *session) error {
	return changeUser(ctx, s, c.Name, api.UserChangeRequest{Role: c.Role, Reason: c.Reason}, "has the role "+c.Role)
}

type userDisableCmd struct {
	Name       string `arg:"" help:"Who."`
	reasonFlag `embed:""`
}

func (c *userDisableCmd) Run(ctx context.Context, s *session) error {
	disabled := true
	return changeUser(ctx, s, c.Name, api.UserChangeRequest{Disabled: &disabled, Reason: c.Reason}, "may not log in any more")
}

type userEnableCmd struct {
	Name       string `arg:"" help:"Who."`
	reasonFlag `embed:""`
}

func (c *userEnableCmd) Run(ctx context.Context, s *session) error {
	disabled := false
	return changeUser(ctx, s, c.Name, api.UserChangeRequest{Disabled: &disabled, Reason: c.Reason}, "may log in")
}

func changeUser(ctx context.Context, s *session, name string, r api.UserChangeRequest, now string) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		u, err := cl.UserChange(ctx, name, r)
		if err != nil {
			return err
		}
		return emit(s, u, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "%s %s\n", u.Name, now)
			return err
		})
	})
}

type userRemoveCmd struct {
	Name       string `arg:"" help:"Who."`
	reasonFlag `embed:""`
}

func (c *userRemoveCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		if err := cl.UserDelete(ctx, c.Name, c.Reason); err != nil {
			return err
		}
		return s.gone("removed", c.Name)
	})
}
