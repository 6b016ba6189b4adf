package auth

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// reference is a test vector of the reference implementation
// (github.com/P-H-C/phc-winner-argon2, src/test.c): argon2id version 19,
// password "password", salt "somesalt".
const reference = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc" // cordon:allow

func TestHashesOfTheReferenceImplementationAreAccepted(t *testing.T) {
	h := NewHasher(HasherOptions{})
	for password, want := range map[string]bool{"password": true, "passwore": false, "": false} {
		if ok, err := h.Verify(t.Context(), reference, password); err != nil || ok != want {
			t.Errorf("Verify(%q) = %v, %v; want %v", password, ok, err, want)
		}
	}
}

func TestHashHasTheRecommendedCost(t *testing.T) {
	h := NewHasher(HasherOptions{})
	a, err := h.Hash(t.Context(), "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(a, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hash %q is not of the recommended cost", a)
	}
	b, err := h.Hash(t.Context(), "correct horse")
	if err != nil || a == b {
		t.Errorf("two hashes of one password are equal (%v): no salt", err)
	}
}

func TestStoredHashesOutsideTheLimitsAreRefused(t *testing.T) {
	good := "$argon2id$v=19$m=8,t=1,p=1$c29tc2FsdHNhbHQ$MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY" // cordon:allow
	if _, err := parsePHC(good); err != nil {
		t.Fatalf("parsePHC(good) = %v", err)
	}
	tests := map[string]string{
		"empty": "", "plain": "hunter2", "other function": strings.Replace(good, "argon2id", "argon2i", 1),
		"other version":   strings.Replace(good, "v=19", "v=16", 1),
		"all the memory":  strings.Replace(good, "m=8", "m=4294967295", 1),
		"overflow":        strings.Replace(good, "m=8", "m=4294967304", 1),
		"no passes":       strings.Replace(good, "t=1", "t=0", 1),
		"no threads":      strings.Replace(good, "p=1", "p=0", 1),
		"many threads":    strings.Replace(good, "p=1", "p=256", 1),
		"more parameters": strings.Replace(good, "p=1", "p=1,x=2", 1),
		"no hash":         good[:strings.LastIndex(good, "$")+1],
		"not base64":      good + "!",
		"a tail":          good + "$x",
	}
	for name, s := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := parsePHC(s)
			if err == nil {
				t.Fatalf("parsePHC(%q) accepted", s)
			}
			if s != "" && strings.Contains(err.Error(), s) {
				t.Errorf("error %q shows the hash", err)
			}
		})
	}
}

func FuzzParsePHC(f *testing.F) {
	f.Add(reference)
	f.Add("$argon2id$v=19$m=8,t=1,p=1$c29tc2FsdHNhbHQ$MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY") // cordon:allow
	f.Fuzz(func(t *testing.T, s string) {
		if p, err := parsePHC(s); err == nil && (p.String() != s || !p.sane()) {
			t.Errorf("parsePHC(%q) accepted %+v", s, p)
		}
	})
}

func TestAFloodOfLoginsIsTurnedAway(t *testing.T) {
	h := NewHasher(HasherOptions{MemoryKiB: 8, Passes: 1, AtOnce: 1, Waiting: 2})
	h.turns <- struct{}{} // somebody is being checked
	ctx, cancel := context.WithCancel(t.Context())
	results := make(chan error, 2)
	for range 2 {
		go func() { results <- h.Pretend(ctx, "x") }()
	}
	for h.waiting.Load() < 2 {
		if t.Context().Err() != nil {
			t.Fatal("nobody waits")
		}
	}
	if err := h.Pretend(ctx, "x"); !errors.Is(err, ErrBusy) {
		t.Errorf("the third caller got %v, want ErrBusy", err)
	}
	cancel()
	for range 2 {
		if err := <-results; !errors.Is(err, context.Canceled) {
			t.Errorf("a waiting caller got %v, want its context's error", err)
		}
	}
	<-h.turns
	if err := h.Pretend(t.Context(), "x"); err != nil {
		t.Errorf("after the flood: %v", err)
	}
}

func TestPasswordPolicy(t *testing.T) {
	tests := []struct {
		name, password string
		ok             bool
	}{
		{"ada", "correct horse battery", true},
		{"ada", "ünïcödé-ist-gut", true},
		{"ada", strings.Repeat("abcdefgh", 128), true},
		{"ada", strings.Repeat("abcdefgh", 128) + "x", false},
		{"ada", "nine-char", false},
		{"ada", "", false},
		{"ada.lovelace", "ada.lovelace", false},
		{"ada.lovelace", "Ada.Lovelace1!", false},
		{"ada", "aaaaaaaaaaaa", false},
		{"ada", "abababababab", false},
		{"ada", "Password123!", false},
		{"ada", "passwordpassword", false},
		{"ada", "1234567890", false},
		{"ada", "qwertyuiop", false},
		{"ada", "administrator", false},
		{"ada", "change-me-2026", false},
	}
	for _, tt := range tests {
		err := CheckPassword(tt.name, tt.password)
		if (err == nil) != tt.ok {
			t.Errorf("CheckPassword(%q, %.20q) = %v, want ok=%v", tt.name, tt.password, err, tt.ok)
		}
		if err != nil && len(tt.password) > 3 && strings.Contains(err.Error(), tt.password) {
			t.Errorf("error %q shows the password", err)
		}
	}
}

func TestNames(t *testing.T) {
	tests := []struct {
		name      string
		user, key bool
	}{
		{"ada", true, true}, {"a", true, true}, {"9.x_y-z", true, true}, {strings.Repeat("a", 64), true, true},
		{"Ada", false, true}, {"CI", false, true},
		{"", false, false}, {strings.Repeat("a", 65), false, false}, {"-ada", false, false}, {".", false, false}, {"..", false, false},
		{"a/b", false, false}, {"a b", false, false}, {"ada\n", false, false}, {"a\x00", false, false}, {"adä", false, false},
		{"'; DROP TABLE users; --", false, false}, {"<script>", false, false}, {"api-key:ada", false, false},
	}
	for _, tt := range tests {
		if got := CheckName(tt.name) == nil; got != tt.user {
			t.Errorf("CheckName(%q) ok = %v, want %v", tt.name, got, tt.user)
		}
		if got := CheckKeyName(tt.name) == nil; got != tt.key {
			t.Errorf("CheckKeyName(%q) ok = %v, want %v", tt.name, got, tt.key)
		}
	}
}

func TestRoles(t *testing.T) {
	for i, a := range Roles() {
		for j, b := range Roles() {
			if got := a.Includes(b); got != (i >= j) {
				t.Errorf("%s.Includes(%s) = %v", a, b, got)
			}
		}
		if a.Includes("root") || Role("root").Includes(a) || Role("").Includes(a) {
			t.Errorf("an unknown role mixes with %s", a)
		}
		if r, err := ParseRole(string(a)); r != a || err != nil {
			t.Errorf("ParseRole(%q) = %q, %v", a, r, err)
		}
	}
	if _, err := ParseRole("Admin"); err == nil {
		t.Error("ParseRole accepts another case")
	}
}
