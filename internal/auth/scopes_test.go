package auth_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/auth"
)

func TestScopes(t *testing.T) {
	s, err := auth.ParseScopes([]string{"leak:read", "events:write", "leak:read"})
	if err != nil || s != "events:write leak:read" || !slices.Equal(s.List(), []string{"events:write", "leak:read"}) {
		t.Fatalf("got %q, %v", s, err)
	}
	for _, tt := range []struct {
		scopes auth.Scopes
		area   string
		write  bool
		want   bool
	}{
		{s, "leak", false, true},
		{s, "leak", true, false},
		{s, "events", true, true},
		{s, "events", false, false}, // writing does not include reading
		{s, "lea", false, false},
		{s, "", false, false},
		{"", "leak", true, true},
	} {
		if got := tt.scopes.Allow(tt.area, tt.write); got != tt.want {
			t.Errorf("%q: %s write=%v is %v", tt.scopes, tt.area, tt.write, got)
		}
	}
	for _, bad := range [][]string{{""}, {"leak"}, {"leak:all"}, {"leak:read write"}, {"Leak:read"}, {"leak:read\n"}, slices.Repeat([]string{"a:read"}, 33)} {
		var input *auth.InputError
		if _, err := auth.ParseScopes(bad); !errors.As(err, &input) || input.Field != "scopes" {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// What is taken is taken the same way when it is read again.
func FuzzParseScopes(f *testing.F) {
	f.Add("leak:read events:write")
	f.Add("x:read  y:write")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := auth.ParseScopes(strings.Split(text, " "))
		if err != nil {
			return
		}
		if again, err := auth.ParseScopes(s.List()); err != nil || again != s {
			t.Errorf("%q becomes %q, %v", s, again, err)
		}
	})
}

func TestAKeyIsNarrowed(t *testing.T) {
	w := newWorld(t)
	secret, k := w.key(t, auth.NewKey{Name: "ci", Role: auth.Reviewer, Scopes: []string{"leak:read"}})
	p, err := w.keys.Authenticate(t.Context(), secret, "")
	if err != nil || k.Scopes != "leak:read" || p.Scopes != k.Scopes {
		t.Errorf("key %+v, principal %+v, %v", k, p, err)
	}
	if a := w.store.Audit(); !strings.Contains(string(a[len(a)-1].After), `"scopes":"leak:read"`) {
		t.Errorf("audit %s", a[len(a)-1].After)
	}
	var input *auth.InputError
	if _, _, err := w.keys.Create(t.Context(), boss, auth.NewKey{Name: "x", Role: auth.Viewer, Scopes: []string{"all"}}); !errors.As(err, &input) || input.Field != "scopes" {
		t.Errorf("a scope that is none: %v", err)
	}
}
