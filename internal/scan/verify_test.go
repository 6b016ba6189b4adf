package scan

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/detect"
)

// TestMain lets the test binary play the program that checks secrets.
func TestMain(m *testing.M) {
	switch os.Getenv("PLAY_VERIFIER") {
	case "":
		os.Exit(m.Run())
	case "silent":
		_, _ = io.Copy(io.Discard, os.Stdin)
	case "nonsense":
		fmt.Println("nonsense")
		_, _ = io.Copy(io.Discard, os.Stdin)
	case "ends":
	case "echo":
		in := bufio.NewReader(os.Stdin)
		line, _ := in.ReadString('\n')
		fmt.Print(line)
		_, _ = io.Copy(io.Discard, in)
	case "answers":
		answers()
	}
}

// answers calls a secret active when it says that it is alive.
func answers() {
	in := json.NewDecoder(os.Stdin)
	for {
		var q question
		if in.Decode(&q) != nil {
			return
		}
		status := StatusInactive
		if strings.HasSuffix(string(q.Secret), "alive") {
			status = StatusActive
		}
		line, _ := json.Marshal(answer{q.ID, status})
		fmt.Println(string(line))
	}
}

func play(t *testing.T, role string) *Program {
	t.Helper()
	t.Setenv("PLAY_VERIFIER", role)
	p, err := StartProgram(t.Context(), os.Args[0], io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *Program) about(ctx context.Context, secret string) Status {
	return p.Verify(ctx, Finding{Rule: "r", File: "f", Detail: &detect.Rule{Provider: "Acme"}}, detect.NewSecret([]byte(secret)))
}

func TestAProgramSaysWhichSecretsAreAlive(t *testing.T) {
	p := play(t, "answers")
	for secret, want := range map[string]Status{"one alive": StatusActive, "one dead": StatusInactive, "\x00\xff alive": StatusActive} {
		if got := p.about(t.Context(), secret); got != want {
			t.Errorf("%q is %s, want %s", secret, got, want)
		}
	}
	if err := p.Close(); err != nil {
		t.Errorf("closing: %v", err)
	}
}

func TestAProgramThatFailsKnowsNothing(t *testing.T) {
	for role, want := range map[string]string{
		"silent": "did not answer within", "nonsense": "something else than JSON", "ends": "ended before it answered", "echo": "none of active, inactive, unknown",
	} {
		t.Run(role, func(t *testing.T) {
			p := play(t, role)
			if role == "silent" {
				p.Patience = 50 * time.Millisecond
			}
			secret := "a secret that is " + "alive"
			if a, b := p.about(t.Context(), secret), p.about(t.Context(), secret); a != StatusUnknown || b != StatusUnknown {
				t.Errorf("answers %s and %s", a, b)
			}
			err := p.Close()
			if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), secret) {
				t.Errorf("closing: %v, want %q", err, want)
			}
		})
	}
}

func TestVerifiedFindingsSaySo(t *testing.T) {
	p := play(t, "answers")
	out, _ := scanAll(t, Options{Verifier: p}, Stream{"x", strings.NewReader("token=" + token(t, "verify"))})
	if len(out.found) != 1 || out.found[0].Verified != string(StatusInactive) {
		t.Errorf("found %+v", out.found)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}

func FuzzParseAnswer(f *testing.F) {
	f.Add(`{"id":"1","status":"active"}`)
	f.Add(`{"id":"2","status":"active"}`)
	f.Fuzz(func(t *testing.T, text string) {
		if s, err := parseAnswer(text, "1"); err != nil && strings.Contains(err.Error(), text) && len(text) > 8 {
			t.Error("an error repeats what was answered")
		} else if err == nil && s != StatusActive && s != StatusInactive && s != StatusUnknown {
			t.Errorf("status %q", s)
		}
	})
}
