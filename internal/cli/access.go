package cli

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
)

type userCmd struct {
	Add     userAddCmd     `cmd:"" help:"Add a person."`
	List    userListCmd    `cmd:"" help:"List the people who may log in."`
	Passwd  userPasswdCmd  `cmd:"" help:"Set a person's password; ends their sessions."`
	Role    userRoleCmd    `cmd:"" help:"Give a person another role."`
	Disable userDisableCmd `cmd:"" help:"Keep a person from logging in; ends their sessions."`
	Enable  userEnableCmd  `cmd:"" help:"Let a disabled person log in again."`
	Remove  userRemoveCmd  `cmd:"" help:"Remove a person; ends their sessions."`
}

// passwordFlag is how a password gets in: typed twice at a terminal, or as the
// first line of standard input. It is never an argument, which others can see.
type passwordFlag struct {
	PasswordStdin bool `help:"Read the password from standard input."`
}

type userAddCmd struct {
	Name         string `arg:"" help:"Lower-case letters, digits, dot, dash, underscore."`
	Role         string `required:"" help:"viewer, reviewer, responder or admin."`
	passwordFlag `embed:""`
}

func (c *userAddCmd) Run(ctx context.Context, s *session) error {
	password, err := c.read(s)
	if err != nil {
		return err
	}
	return s.withClient(ctx, true, func(cl *client.Client) error {
		u, err := cl.UserCreate(ctx, api.UserRequest{Name: c.Name, Role: c.Role, Password: password})
		if err != nil {
			return err
		}
		return emit(s, u, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "added %s with role %s\n", u.Name, u.Role)
			return err
		})
	})
}

type userListCmd struct{}

func (userListCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		users, err := cl.Users(ctx)
		if err != nil {
			return err
		}
		return emitList(s, users, func(w io.Writer) error {
			if len(users) == 0 {
				_, err := fmt.Fprintln(w, "nobody has a user yet; cordon serve prints a link that makes the first")
				return err
			}
			rows := make([][]string, len(users))
			for i, u := range users {
				rows[i] = []string{u.Name, u.Role, day(&u.CreatedAt), day(u.LastLoginAt), day(u.DisabledAt)}
			}
			return table(w, []string{"NAME", "ROLE", "CREATED", "LAST LOGIN", "DISABLED"}, rows)
		})
	})
}

type userPasswdCmd struct {
	Name         string `arg:"" help:"Whose password."`
	passwordFlag `embed:""`
}

func (c *userPasswdCmd) Run(ctx context.Context, s *session) error {
	password, err := c.read(s)
	if err != nil {
		return err
	}
	return s.withClient(ctx, true, func(cl *client.Client) error {
		return cl.UserSetPassword(ctx, c.Name, api.PasswordRequest{Password: password})
	})
}

func (f passwordFlag) read(s *session) (string, error) {
	if f.PasswordStdin {
		line, err := bufio.NewReader(io.LimitReader(s.Stdin, 4096)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("reading password: %w", err)
		}
		return strings.TrimRight(line, "\r\n"), nil
	}
	in, ok := s.Stdin.(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return "", usageError("standard input is no terminal; give --password-stdin")
	}
	return askTwice(s.Stderr, int(in.Fd()))
}

func askTwice(w io.Writer, fd int) (string, error) {
	var typed [2]string
	for i, prompt := range []string{"Password: ", "Again: "} {
		fmt.Fprint(w, prompt)
		b, err := term.ReadPassword(fd)
		fmt.Fprintln(w)
		if err != nil {
			return "", fmt.Errorf("reading password: %w", err)
		}
		typed[i] = string(b)
	}
	if typed[0] != typed[1] {
		return "", usageError("the two passwords differ")
	}
	return typed[0], nil
}

type apikeyCmd struct {
	Create apikeyCreateCmd `cmd:"" help:"Make a key and print it, once."`
	List   apikeyListCmd   `cmd:"" help:"List keys, without the keys themselves."`
	Revoke apikeyRevokeCmd `cmd:"" help:"End a key now."`
}

type apikeyCreateCmd struct {
	Name    string        `required:"" help:"What the key is for."`
	Role    string        `required:"" help:"viewer, reviewer, responder or admin."`
	Scope   []string      `placeholder:"AREA:read|write" sep:"," help:"Narrow the key to an area of the API, such as leak:read; may be given again. Default: all that the role may do."`
	Expires time.Duration `placeholder:"DURATION" help:"Such as 30d. Default: never."`
}

func (c *apikeyCreateCmd) Run(ctx context.Context, s *session) error {
	req := api.APIKeyRequest{Name: c.Name, Role: c.Role, Scopes: c.Scope}
	if c.Expires != 0 {
		at := time.Now().Add(c.Expires).UTC()
		req.ExpiresAt = &at
	}
	return s.withClient(ctx, true, func(cl *client.Client) error {
		k, err := cl.KeyCreate(ctx, req)
		if err != nil {
			return err
		}
		return emit(s, k, func(w io.Writer) error {
			_, err := fmt.Fprintln(w, k.Key)
			return err
		})
	})
}

type apikeyListCmd struct{}

func (apikeyListCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		keys, err := cl.Keys(ctx)
		if err != nil {
			return err
		}
		return emitList(s, keys, func(w io.Writer) error {
			if len(keys) == 0 {
				_, err := fmt.Fprintln(w, "no API keys; make one with: cordon apikey create --name NAME --role viewer")
				return err
			}
			rows := make([][]string, len(keys))
			for i, k := range keys {
				rows[i] = []string{k.Name, k.Role, cmp.Or(strings.Join(k.Scopes, " "), "all"), k.Prefix, day(&k.CreatedAt), day(k.ExpiresAt), day(k.LastUsedAt), day(k.RevokedAt)}
			}
			return table(w, []string{"NAME", "ROLE", "SCOPES", "PREFIX", "CREATED", "EXPIRES", "LAST USED", "REVOKED"}, rows)
		})
	})
}

type apikeyRevokeCmd struct {
	Name string `arg:"" help:"The key's name."`
}

func (c *apikeyRevokeCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		if err := cl.KeyRevoke(ctx, c.Name); err != nil {
			return err
		}
		return s.gone("revoked", c.Name)
	})
}

func day(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.Local().Format("2006-01-02 15:04")
}
