package auth

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/redact"
)

// KeyPrefix begins every API key, so that secret scanners know one.
const KeyPrefix = "cdn_"

// keySize is the length of a key's random part in bytes; prefixSize is how
// much of a key's text is kept to recognise it by.
const (
	keySize    = 32
	prefixSize = len(KeyPrefix) + 4
)

// keyTouchEvery is how often at most the store learns that a key is in use.
const keyTouchEvery = time.Minute

// keyTouchDeadline bounds that write: nobody is kept waiting for it.
const keyTouchDeadline = time.Second

var keyShape = regexp.MustCompile(`^cdn_[A-Za-z0-9_-]{43}$`)

// ErrKey says that an API key is not one, or not any more.
var ErrKey = errors.New("API key is unknown, expired or revoked")

// KeysDeps is what Keys needs.
type KeysDeps struct {
	Store  KeyStore     // Mandatory.
	Source string       // who says from where keys are used: node/api. If empty, api.
	Clock  clock.Clock  // If nil, the machine's.
	Log    *slog.Logger // If nil, discards.
}

// Keys manages the credentials of programs.
type Keys struct {
	store  KeyStore
	source string
	clock  clock.Clock
	log    *slog.Logger
	uses   uses
	known  remembered
}

// NewKeys returns the service.
func NewKeys(d KeysDeps) *Keys {
	k := &Keys{store: d.Store, source: cmp.Or(d.Source, "api"), clock: d.Clock, log: d.Log}
	if k.clock == nil {
		k.clock = clock.Real{}
	}
	if k.log == nil {
		k.log = slog.New(slog.DiscardHandler)
	}
	return k
}

// NewKey is what a new key is to be.
type NewKey struct {
	Name      string
	Role      Role
	Scopes    []string   // none: all that the role may do
	ExpiresAt *time.Time // nil: never
}

// List returns all keys, also expired and revoked ones.
func (k *Keys) List(ctx context.Context) ([]APIKey, error) { return k.store.ListKeys(ctx) }

// Create makes a key. The secret is returned here and kept nowhere. It returns
// an *InputError for values that cannot be taken and ErrExists for a name that
// is taken.
func (k *Keys) Create(ctx context.Context, by Principal, n NewKey) (redact.Secret, APIKey, error) {
	now := k.clock.Now().UTC().Truncate(time.Microsecond)
	if err := n.check(now); err != nil {
		return redact.Secret{}, APIKey{}, err
	}
	scopes, err := ParseScopes(n.Scopes)
	if err != nil {
		return redact.Secret{}, APIKey{}, err
	}
	secret := KeyPrefix + base64.RawURLEncoding.EncodeToString(random(keySize))
	key := APIKey{
		ID: id.New(), Name: n.Name, Role: n.Role, Scopes: scopes, Prefix: secret[:prefixSize], Hash: hashKey(secret),
		CreatedAt: now, CreatedBy: by.Label(), ExpiresAt: n.ExpiresAt,
	}
	entry := by.Act(now, ActionKeyCreate, n.Name, "")
	entry.After = facts(map[string]any{"name": n.Name, "role": n.Role, "scopes": scopes, "prefix": key.Prefix, "expires_at": n.ExpiresAt})
	if err := k.store.CreateKey(ctx, key, entry); err != nil {
		return redact.Secret{}, APIKey{}, fmt.Errorf("creating API key %s: %w", n.Name, err)
	}
	return redact.NewSecret(secret), key, nil
}

func (n *NewKey) check(now time.Time) error {
	if err := CheckKeyName(n.Name); err != nil {
		return err
	}
	if _, err := ParseRole(string(n.Role)); err != nil {
		return &InputError{"role", err.Error()}
	}
	if n.ExpiresAt == nil {
		return nil
	}
	if !n.ExpiresAt.After(now) {
		return &InputError{"expires_at", "is in the past; leave it out for a key that does not expire"}
	}
	cut := n.ExpiresAt.UTC().Truncate(time.Microsecond)
	n.ExpiresAt = &cut
	return nil
}

// Revoke ends a key at once; ErrNotFound when no key of that name is in force.
func (k *Keys) Revoke(ctx context.Context, by Principal, name string) error {
	if err := k.store.RevokeKey(ctx, name, by.Act(k.clock.Now(), ActionKeyRevoke, name, "")); err != nil {
		return fmt.Errorf("revoking API key %s: %w", name, err)
	}
	k.known.forgetName(name)
	return nil
}

// Authenticate returns whose key it is; ErrKey when nobody's. The look-up is by
// hash, so its time says nothing of a key. While the store is away, a key is believed
// that it knew within KeyBelief.
func (k *Keys) Authenticate(ctx context.Context, secret, addr string) (Principal, error) {
	if !keyShape.MatchString(secret) {
		return Principal{}, ErrKey
	}
	now := k.clock.Now()
	key, believed, err := k.lookUp(ctx, hashKey(secret), now)
	if errors.Is(err, ErrNotFound) {
		return Principal{}, ErrKey
	}
	if err != nil {
		return Principal{}, fmt.Errorf("looking up API key: %w", err)
	}
	if key.RevokedAt != nil || key.ExpiresAt != nil && !key.ExpiresAt.After(now) {
		return Principal{}, ErrKey
	}
	if !believed {
		k.touch(ctx, key, now)
		k.noteUse(ctx, key, addr, now)
	}
	return Principal{Kind: KindKey, Name: key.Name, Role: key.Role, Scopes: key.Scopes, Addr: addr}, nil
}

// touch notes the use of a key. When it cannot, the request goes on.
func (k *Keys) touch(ctx context.Context, key APIKey, now time.Time) {
	if key.LastUsedAt != nil && now.Sub(*key.LastUsedAt) < keyTouchEvery {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, keyTouchDeadline)
	defer cancel()
	if err := k.store.TouchKey(ctx, key.ID, now.UTC().Truncate(time.Microsecond)); err != nil {
		k.log.WarnContext(ctx, "noting the use of an API key", "key", key.Name, "error", err)
	}
}

func hashKey(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
