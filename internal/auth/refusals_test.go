package auth_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/auth/authtest"
)

// failed lists the recorded refusals as "target addr attempts".
func failed(store *authtest.Store) (out []string) {
	for _, e := range store.Audit() {
		if e.Action != auth.ActionLoginFailed {
			continue
		}
		var after struct {
			Attempts    int
			NotLookedAt int `json:"not_looked_at"`
		}
		_ = json.Unmarshal(e.After, &after)
		out = append(out, fmt.Sprintf("%s %s %d/%d", e.Target, e.Actor.Addr, after.Attempts, after.NotLookedAt))
	}
	return out
}

// guard is a Users whose refusals are gathered by the bubble's clock.
func guard(t *testing.T, store *authtest.Store) (try func(name, addr string), stop func()) {
	users := auth.NewUsers(auth.UsersDeps{Store: store, Audit: store, Hasher: authtest.CheapHasher(), FailureFloor: -1})
	if _, err := users.Create(t.Context(), boss, "ada", auth.Viewer, good); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- users.Run(ctx) }()
	try = func(name, addr string) {
		t.Helper()
		_, err := users.Authenticate(t.Context(), name, other, addr)
		var many *auth.TooManyError
		if !errors.Is(err, auth.ErrCredentials) && !errors.As(err, &many) {
			t.Fatal(err)
		}
	}
	return try, func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func wantFailed(t *testing.T, store *authtest.Store, want ...string) {
	t.Helper()
	synctest.Wait()
	if got := failed(store); !slices.Equal(got, want) {
		t.Errorf("recorded %q, want %q", got, want)
	}
}

// The first refusal is recorded at once, those of the next minute together, and
// what is left when the server stops.
func TestRefusedLoginsAreRecordedTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var store authtest.Store
		try, stop := guard(t, &store)
		for range 8 { // three of them are not looked at
			try("ada", "192.0.2.1")
		}
		try("nobody", "192.0.2.1")
		wantFailed(t, &store, "ada 192.0.2.1 1/0", "(unknown) 192.0.2.1 1/0")
		time.Sleep(2 * time.Minute)
		wantFailed(t, &store, "ada 192.0.2.1 1/0", "(unknown) 192.0.2.1 1/0", "ada 192.0.2.1 7/3")
		try("ada", "192.0.2.2")
		try("ada", "192.0.2.2")
		stop()
		wantFailed(t, &store, "ada 192.0.2.1 1/0", "(unknown) 192.0.2.1 1/0", "ada 192.0.2.1 7/3", "ada 192.0.2.2 1/0", "ada 192.0.2.2 1/0")
	})
}

// A thousand addresses cannot flood the audit log.
func TestTheAuditLogIsNotFlooded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var store authtest.Store
		try, stop := guard(t, &store)
		for i := range 1000 {
			try("ada", fmt.Sprintf("10.0.%d.%d", i/250, i%250))
		}
		stop()
		got := failed(&store)
		if len(got) != 101 || got[100] != "(many)  900/0" {
			t.Errorf("%d records, the last %q", len(got), got[len(got)-1])
		}
	})
}
