package redact

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

type config struct {
	Name   string
	Secret Secret
	Ptr    *Secret
	Map    map[Secret]Secret
	inner  Secret
}

// TestSecretNeverPrints writes a secret, alone and inside other values, with
// everything that writes values.
func TestSecretNeverPrints(t *testing.T) {
	const value = "hunter2-correct-horse"
	s := NewSecret(value)
	c := config{Name: "n", Secret: s, Ptr: &s, Map: map[Secret]Secret{s: s}, inner: s}
	var out bytes.Buffer
	for _, v := range []any{s, &s, c, &c, []Secret{s}, map[string]any{"k": s}, fmt.Errorf("wrapped: %w", fmt.Errorf("%v", s))} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%T %v", "%10s", "%-5.2v"} {
			fmt.Fprintf(&out, verb+"\n", v, v)
		}
		fmt.Fprintln(&out, v)
		if err := json.NewEncoder(&out).Encode(jsonable(v)); err != nil {
			t.Fatal(err)
		}
		slog.New(slog.NewJSONHandler(&out, nil)).Info("json", "v", jsonable(v))
		slog.New(slog.NewTextHandler(&out, nil)).Info("text", "v", v)
	}
	assertAbsent(t, out.String(), value)
	if !strings.Contains(out.String(), placeholder) {
		t.Error("the placeholder is not there either: nothing was tested")
	}
	if s.Reveal() != value {
		t.Error("Reveal does not give the value")
	}
}

// jsonable leaves out errors, which encoding/json writes as {}.
func jsonable(v any) any {
	if err, ok := v.(error); ok {
		return err.Error()
	}
	return v
}

// assertAbsent looks for the value as text, in hex and as a list of bytes.
func assertAbsent(t *testing.T, text, value string) {
	t.Helper()
	for _, form := range []string{value, fmt.Sprintf("%x", value), fmt.Sprintf("%X", value), fmt.Sprint([]byte(value)), value[:9]} {
		if i := strings.Index(text, form); i >= 0 {
			t.Errorf("the value is shown: ...%s...", text[max(0, i-40):min(len(text), i+40)])
		}
	}
}

func TestIsZero(t *testing.T) {
	if !(Secret{}).IsZero() || !NewSecret("").IsZero() || (Secret{}).Reveal() != "" || NewSecret("x").IsZero() {
		t.Error("IsZero is wrong")
	}
}

func TestEqual(t *testing.T) {
	cases := []struct {
		a, b Secret
		want bool
	}{
		{NewSecret("x"), NewSecret("x"), true},
		{NewSecret("x"), NewSecret("y"), false},
		{NewSecret("x"), NewSecret("xx"), false},
		{Secret{}, NewSecret(""), true},
		{Secret{}, NewSecret("x"), false},
	}
	for i, c := range cases {
		if got := c.a.Equal(c.b); got != c.want {
			t.Errorf("case %d: Equal says %t", i, got)
		}
	}
}
