package auth_test

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/event"
)

func (w *world) key(t *testing.T, n auth.NewKey) (string, auth.APIKey) {
	t.Helper()
	secret, k, err := w.keys.Create(t.Context(), boss, n)
	if err != nil {
		t.Fatal(err)
	}
	return secret.Reveal(), k
}

// use shows a key, whatever becomes of it.
func (w *world) use(secret string) {
	_, _ = w.keys.Authenticate(context.Background(), secret, "192.0.2.1")
}

// revokeElsewhere has another node revoke a key.
func (w *world) revokeElsewhere(name string) {
	_ = auth.NewKeys(auth.KeysDeps{Store: &w.store, Clock: w.clock}).Revoke(context.Background(), boss, name)
}

func TestAKeyIsShownOnceAndKeptAsAHash(t *testing.T) {
	w := newWorld(t)
	secret, k := w.key(t, auth.NewKey{Name: "CI", Role: auth.Viewer})
	if !regexp.MustCompile(`^cdn_[A-Za-z0-9_-]{43}$`).MatchString(secret) {
		t.Errorf("key %q has another form", secret)
	}
	if k.Prefix != secret[:8] || len(k.Hash) != 64 || k.CreatedBy != "local:root" {
		t.Errorf("stored %+v", k)
	}
	if second, _ := w.key(t, auth.NewKey{Name: "CI2", Role: auth.Viewer}); second == secret {
		t.Error("two keys are equal")
	}
	for _, e := range w.store.Audit() {
		if strings.Contains(string(e.After), secret[8:]) {
			t.Errorf("the audit log holds the key: %s", e.After)
		}
	}
}

func TestKeyAuthentication(t *testing.T) {
	w := newWorld(t)
	soon := w.clock.Now().Add(time.Hour)
	secret, _ := w.key(t, auth.NewKey{Name: "ci", Role: auth.Reviewer, ExpiresAt: &soon})
	flipped := []byte(secret)
	flipped[20] ^= 1
	tests := map[string]struct {
		key string
		ok  bool
	}{
		"right":         {secret, true},
		"one bit off":   {string(flipped), false},
		"cut":           {secret[:46], false},
		"longer":        {secret + "a", false},
		"prefix only":   {"cdn_", false},
		"empty":         {"", false},
		"another kind":  {"ghp_" + secret[4:], false},
		"with newline":  {secret + "\n", false},
		"megabytes":     {strings.Repeat(secret, 50_000), false},
		"invalid UTF-8": {"cdn_\xff\xfe" + secret[6:], false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := w.keys.Authenticate(t.Context(), tt.key, "192.0.2.1")
			if tt.ok && (err != nil || p != auth.Principal{Kind: auth.KindKey, Name: "ci", Role: auth.Reviewer, Addr: "192.0.2.1"}) {
				t.Errorf("got %+v, %v", p, err)
			}
			if !tt.ok && !errors.Is(err, auth.ErrKey) {
				t.Errorf("got %+v, %v; want ErrKey", p, err)
			}
		})
	}
	w.clock.Advance(time.Hour)
	if _, err := w.keys.Authenticate(t.Context(), secret, ""); !errors.Is(err, auth.ErrKey) {
		t.Errorf("after it expired: %v", err)
	}
}

func TestARevokedKeyIsRefusedAndItsNameIsFree(t *testing.T) {
	w := newWorld(t)
	secret, _ := w.key(t, auth.NewKey{Name: "ci", Role: auth.Viewer})
	if _, _, err := w.keys.Create(t.Context(), boss, auth.NewKey{Name: "ci", Role: auth.Viewer}); !errors.Is(err, auth.ErrExists) {
		t.Errorf("a second key of the name: %v", err)
	}
	if err := w.keys.Revoke(t.Context(), boss, "ci"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.keys.Authenticate(t.Context(), secret, ""); !errors.Is(err, auth.ErrKey) {
		t.Errorf("after it was revoked: %v", err)
	}
	if err := w.keys.Revoke(t.Context(), boss, "ci"); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("revoking again: %v", err)
	}
	w.key(t, auth.NewKey{Name: "ci", Role: auth.Viewer})
}

func TestTheUseOfAKeyIsNotedOnceAMinute(t *testing.T) {
	w := newWorld(t)
	secret, _ := w.key(t, auth.NewKey{Name: "ci", Role: auth.Viewer})
	for range 4 { // at 0, 25, 50 and 75 s
		if _, err := w.keys.Authenticate(t.Context(), secret, ""); err != nil {
			t.Fatal(err)
		}
		w.clock.Advance(25 * time.Second)
	}
	if n := w.store.Touches(); n != 2 {
		t.Errorf("noted %d times, want 2", n)
	}
}

func TestAKeyThatCannotBeTakenIsRefused(t *testing.T) {
	w := newWorld(t)
	past := w.clock.Now()
	for field, n := range map[string]auth.NewKey{
		"name":       {Name: "a b", Role: auth.Viewer},
		"role":       {Name: "ci", Role: "root"},
		"expires_at": {Name: "ci", Role: auth.Viewer, ExpiresAt: &past},
	} {
		_, _, err := w.keys.Create(t.Context(), boss, n)
		var input *auth.InputError
		if !errors.As(err, &input) || input.Field != field {
			t.Errorf("got %v, want an InputError of %s", err, field)
		}
	}
}

func TestAStoreThatFailsIsNotAWrongKey(t *testing.T) {
	w := newWorld(t)
	secret, _ := w.key(t, auth.NewKey{Name: "ci", Role: auth.Viewer})
	w.store.Fail(errors.New("disk gone"))
	if _, err := w.keys.Authenticate(t.Context(), secret, ""); err == nil || errors.Is(err, auth.ErrKey) {
		t.Errorf("got %v, want the store's failure", err)
	}
}

// A key that the store knew lately is believed while the store is away, so that what
// sensors report can wait on disk; not for long, and not against what is known.
func TestAKeyWhileTheStoreIsAway(t *testing.T) {
	away := errors.New("store is unreachable")
	tests := map[string]struct {
		before func(w *world, secret string) // the store goes away
		after  time.Duration
		want   error
	}{
		"used before":         {func(w *world, s string) { w.use(s) }, auth.KeyBelief - time.Second, nil},
		"used long before":    {func(w *world, s string) { w.use(s) }, auth.KeyBelief, away},
		"never used":          {func(*world, string) {}, 0, away},
		"revoked":             {func(w *world, s string) { w.use(s); _ = w.keys.Revoke(context.Background(), boss, "ci") }, 0, away},
		"revoked by another":  {func(w *world, s string) { w.use(s); w.revokeElsewhere("ci"); w.use(s) }, 0, away},
		"expired in the time": {func(w *world, s string) { w.use(s) }, 10 * time.Minute, auth.ErrKey},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			n := auth.NewKey{Name: "ci", Role: auth.Responder}
			if errors.Is(tt.want, auth.ErrKey) {
				soon := w.clock.Now().Add(tt.after)
				n.ExpiresAt = &soon
			}
			secret, _ := w.key(t, n)
			tt.before(w, secret)
			w.store.Fail(away)
			w.clock.Advance(tt.after)
			p, err := w.keys.Authenticate(t.Context(), secret, "192.0.2.1")
			if !errors.Is(err, tt.want) || err == nil && p.Role != auth.Responder {
				t.Errorf("got %+v, %v; want %v", p, err, tt.want)
			}
		})
	}
}

// From where a key is used is noted once a day for each network, also while the store
// was away; a wrong key and the control socket say nothing.
func TestWhereAKeyIsUsedFromIsNoted(t *testing.T) {
	w := newWorld(t)
	secret, key := w.key(t, auth.NewKey{Name: "ci", Role: auth.Viewer})
	use := func(addr string) {
		t.Helper()
		if _, err := w.keys.Authenticate(t.Context(), secret, addr); err != nil {
			t.Fatal(err)
		}
	}
	for _, addr := range []string{"192.0.2.1", "192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2", ""} {
		use(addr)
	}
	if _, err := w.keys.Authenticate(t.Context(), "cdn_"+strings.Repeat("a", 43), "192.0.2.3"); !errors.Is(err, auth.ErrKey) {
		t.Errorf("a wrong key: %v", err)
	}
	var from []string
	for _, u := range w.store.KeyUses() {
		from = append(from, u.From())
		if u.Key.ID != key.ID || !u.At.Equal(w.clock.Now().UTC()) {
			t.Errorf("%+v", u)
		}
	}
	if got := strings.Join(from, " "); got != "192.0.2.1 192.0.2.2 2001:db8::/64" {
		t.Errorf("noted %s", got)
	}
	w.clock.Advance(auth.KeyUseEvery)
	use("192.0.2.1")
	if n := len(w.store.KeyUses()); n != 4 {
		t.Errorf("%d uses noted after a day", n)
	}
	e, err := w.store.KeyUses()[0].Event(true, "n/api")
	if err != nil || e.Topic != event.TopicKeyUsed || strings.Contains(string(e.Data), secret[8:]) {
		t.Errorf("%s, %v", e.Data, err)
	}
}
