package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/id"
)

// ErrCredentials is the one answer to an unknown name and to a wrong password.
var ErrCredentials = errors.New("name or password is wrong")

// failureFloor is how long a refused login takes at least: it covers what
// differs between an unknown name and a wrong password besides hashing, such
// as the audit entry's write.
const failureFloor = 250 * time.Millisecond

// UsersDeps is what Users needs.
type UsersDeps struct {
	Store  UserStore    // Mandatory.
	Audit  AuditStore   // Mandatory. Failed logins are recorded here.
	Hasher *Hasher      // If nil, one of the recommended cost.
	Clock  clock.Clock  // If nil, the machine's.
	Log    *slog.Logger // If nil, discards.
	// Mark stands in the audit log for a name that is no user's: people type
	// passwords into the wrong field, so the name itself is not kept. Equal
	// names get equal marks. If nil, all such names look alike.
	Mark func(name string) string
	// FailureFloor is how long a refused login takes at least. If 0, 250 ms;
	// if negative, no longer than it needs.
	FailureFloor time.Duration
}

// Users manages the people who may log in.
type Users struct {
	store    UserStore
	hasher   *Hasher
	clock    clock.Clock
	log      *slog.Logger
	throttle *throttle
	refusals *refusals
	mark     func(string) string
	floor    time.Duration
}

// NewUsers returns the service.
func NewUsers(d UsersDeps) *Users {
	u := &Users{store: d.Store, hasher: d.Hasher, clock: d.Clock, log: d.Log, mark: d.Mark, floor: or(d.FailureFloor, failureFloor)}
	if u.hasher == nil {
		u.hasher = NewHasher(HasherOptions{})
	}
	if u.clock == nil {
		u.clock = clock.Real{}
	}
	if u.log == nil {
		u.log = slog.New(slog.DiscardHandler)
	}
	if u.mark == nil {
		u.mark = func(string) string { return "" }
	}
	u.throttle = newThrottle(u.clock)
	u.refusals = &refusals{audit: d.Audit, clock: u.clock, log: u.log}
	return u
}

// Count is the number of users; none means that setup is still to be done.
func (u *Users) Count(ctx context.Context) (int, error) { return u.store.CountUsers(ctx) }

// List returns all users by name.
func (u *Users) List(ctx context.Context) ([]User, error) { return u.store.ListUsers(ctx) }

// Get returns the user of this name; ErrNotFound when there is none.
func (u *Users) Get(ctx context.Context, name string) (User, error) {
	return u.store.UserByName(ctx, strings.ToLower(name))
}

// Create adds a user. It returns an *InputError for a name, role or password
// that cannot be taken and ErrExists for a name that is taken.
func (u *Users) Create(ctx context.Context, by Principal, name string, role Role, password string) (User, error) {
	if err := CheckName(name); err != nil {
		return User{}, err
	}
	if _, err := ParseRole(string(role)); err != nil {
		return User{}, &InputError{"role", err.Error()}
	}
	hash, err := u.hash(ctx, name, password)
	if err != nil {
		return User{}, err
	}
	now := u.now()
	user := User{ID: id.New(), Name: name, Role: role, PasswordHash: hash, CreatedAt: now}
	entry := by.Act(now, ActionUserCreate, name, "")
	entry.After = facts(map[string]any{"name": name, "role": role})
	if err := u.store.CreateUser(ctx, user, entry); err != nil {
		return User{}, fmt.Errorf("creating user %s: %w", name, err)
	}
	return user, nil
}

// SetPassword replaces a user's password and ends the user's sessions.
func (u *Users) SetPassword(ctx context.Context, by Principal, name, password string) error {
	name = strings.ToLower(name)
	hash, err := u.hash(ctx, name, password)
	if err != nil {
		return err
	}
	err = u.store.ChangeUser(ctx, name, func(user *User, _ int) (audit.Entry, error) {
		user.PasswordHash = hash
		user.SessionEpoch++
		return by.Act(u.now(), ActionPasswordSet, name, ""), nil
	})
	if err != nil {
		return fmt.Errorf("setting the password of %s: %w", name, err)
	}
	return nil
}

func (u *Users) hash(ctx context.Context, name, password string) (string, error) {
	if err := CheckPassword(name, password); err != nil {
		return "", err
	}
	return u.hasher.Hash(ctx, password)
}

// Run records what refused logins were not recorded at once, until ctx ends.
func (u *Users) Run(ctx context.Context) error { return u.refusals.run(ctx) }

// Authenticate returns the user with this name and password. It returns
// ErrCredentials when there is none, a *TooManyError when the address guesses
// too fast, and ErrBusy when too many log in at once. An unknown name and a
// disabled user cost the same work as a wrong password.
func (u *Users) Authenticate(ctx context.Context, name, password, addr string) (User, error) {
	name = strings.ToLower(name)
	if err := u.throttle.take(name, addr); err != nil {
		u.refusals.refuse(ctx, refusal{u.known(ctx, name), addr}, true)
		return User{}, err
	}
	began := u.clock.Now()
	user, err := u.check(ctx, name, password)
	if errors.Is(err, ErrCredentials) {
		u.refusals.refuse(ctx, refusal{u.known(ctx, name), addr}, false)
		u.wait(ctx, began)
	}
	if err != nil {
		return User{}, err
	}
	u.throttle.forgive(name, addr)
	return user, nil
}

// known is the name when it is a user's, else what stands for it.
func (u *Users) known(ctx context.Context, name string) string {
	if _, err := u.store.UserByName(ctx, name); err == nil {
		return name
	}
	return strings.TrimSpace(unknownName + " " + u.mark(name))
}

func (u *Users) check(ctx context.Context, name, password string) (User, error) {
	user, err := u.store.UserByName(ctx, name)
	if errors.Is(err, ErrNotFound) {
		if err := u.hasher.Pretend(ctx, clip(password)); err != nil {
			return User{}, err
		}
		return User{}, ErrCredentials
	}
	if err != nil {
		return User{}, fmt.Errorf("looking up user: %w", err)
	}
	ok, err := u.hasher.Verify(ctx, user.PasswordHash, clip(password))
	if err == nil && (!ok || user.DisabledAt != nil) {
		err = ErrCredentials
	}
	return user, err
}

// clip bounds the work a password can cause; one that is too long matches no
// hash, because none was made of one.
func clip(password string) string { return password[:min(len(password), MaxPassword+1)] }

// wait returns when a refusal has taken as long as any other.
func (u *Users) wait(ctx context.Context, began time.Time) {
	if u.floor < 0 {
		return
	}
	select {
	case <-u.clock.After(u.floor - u.clock.Now().Sub(began)):
	case <-ctx.Done():
	}
}

func (u *Users) now() time.Time { return u.clock.Now().UTC().Truncate(time.Microsecond) }
