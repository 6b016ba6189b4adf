package auth

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.cordon.dev/cordon/internal/audit"
)

// ErrLastAdmin says that nobody could manage the installation any more.
var ErrLastAdmin = errors.New("this is the last administrator who may log in; make another one first")

// UserChange is what is to become of a user; nil fields stay as they are.
type UserChange struct {
	Role     *Role
	Disabled *bool
	Reason   string // for the audit log; may be empty
}

// Change gives a user another role, disables the user or lets them in again.
// It takes effect on the next request of each of the user's sessions. It
// returns an *InputError for a role that is none, ErrNotFound for a name that
// is nobody's, and ErrLastAdmin.
func (u *Users) Change(ctx context.Context, by Principal, name string, c UserChange) (User, error) {
	if c.Role != nil {
		if _, err := ParseRole(string(*c.Role)); err != nil {
			return User{}, &InputError{"role", err.Error()}
		}
	}
	var changed User
	err := u.store.ChangeUser(ctx, strings.ToLower(name), func(user *User, otherAdmins int) (audit.Entry, error) {
		entry := by.Act(u.now(), ActionUserChange, user.Name, c.Reason)
		entry.Before = userFacts(*user)
		was := *user
		c.apply(user, u)
		if governs(was) && !governs(*user) && otherAdmins == 0 {
			return audit.Entry{}, ErrLastAdmin
		}
		entry.After, changed = userFacts(*user), *user
		return entry, nil
	})
	if err != nil {
		return User{}, fmt.Errorf("changing user %s: %w", name, err)
	}
	return changed, nil
}

func (c UserChange) apply(user *User, u *Users) {
	if c.Role != nil {
		user.Role = *c.Role
	}
	switch {
	case c.Disabled == nil:
	case !*c.Disabled:
		user.DisabledAt = nil
	case user.DisabledAt == nil:
		now := u.now()
		user.DisabledAt = &now
		user.SessionEpoch++ // so that no session lives on when the user is let in again
	}
}

// governs reports whether a user may manage the installation.
func governs(u User) bool { return u.Role == Admin && u.DisabledAt == nil }

// Delete removes a user and ends the user's sessions. The API keys that the
// user made stay. ErrNotFound, ErrLastAdmin.
func (u *Users) Delete(ctx context.Context, by Principal, name, reason string) error {
	err := u.store.DeleteUser(ctx, strings.ToLower(name), func(user *User, otherAdmins int) (audit.Entry, error) {
		if governs(*user) && otherAdmins == 0 {
			return audit.Entry{}, ErrLastAdmin
		}
		entry := by.Act(u.now(), ActionUserDelete, user.Name, reason)
		entry.Before = userFacts(*user)
		return entry, nil
	})
	if err != nil {
		return fmt.Errorf("deleting user %s: %w", name, err)
	}
	return nil
}

func userFacts(u User) []byte {
	return facts(map[string]any{"name": u.Name, "role": u.Role, "disabled": u.DisabledAt != nil})
}
