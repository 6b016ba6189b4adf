package telemetry

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/redact"
)

// logLine logs with a fresh JSON logger and returns the line's fields.
func logLine(t *testing.T, log func(*slog.Logger)) map[string]any {
	t.Helper()
	var out bytes.Buffer
	l, _, err := NewLogger(&out, LogOptions{})
	if err != nil {
		t.Fatal(err)
	}
	log(l)
	var fields map[string]any
	if err := json.Unmarshal(out.Bytes(), &fields); err != nil {
		t.Fatalf("%q is not one JSON object: %v", out.String(), err)
	}
	if n := strings.Count(out.String(), `"`+CorrelationKey+`"`); n > 1 {
		t.Errorf("the line names a correlation id %d times: %s", n, out.String())
	}
	return fields
}

func TestCorrelationID(t *testing.T) {
	ctx := event.WithCorrelation(context.Background(), "abc")
	cases := map[string]struct {
		log  func(*slog.Logger)
		want any
	}{
		"from the context":        {func(l *slog.Logger) { l.InfoContext(ctx, "m") }, "abc"},
		"with attributes":         {func(l *slog.Logger) { l.With("part", "x").InfoContext(ctx, "m", "k", 1) }, "abc"},
		"no id in the context":    {func(l *slog.Logger) { l.InfoContext(context.Background(), "m") }, nil},
		"no context":              {func(l *slog.Logger) { l.Info("m") }, nil},
		"the record's own stands": {func(l *slog.Logger) { l.InfoContext(ctx, "m", CorrelationKey, "own") }, "own"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := logLine(t, c.log)[CorrelationKey]; got != c.want {
				t.Errorf("correlation id %v, want %v", got, c.want)
			}
		})
	}
}

func TestSecretsAreNotLogged(t *testing.T) {
	type settings struct{ token redact.Secret }
	secret := redact.NewSecret("hunter2")
	for _, format := range []string{FormatJSON, FormatText} {
		var out bytes.Buffer
		l, _, err := NewLogger(&out, LogOptions{Format: format})
		if err != nil {
			t.Fatal(err)
		}
		l.With("with", secret).WithGroup("g").Info("m", "secret", secret, "pointer", &secret, "struct", settings{secret},
			slog.Group("sub", "secret", secret), "list", []redact.Secret{secret})
		if text := out.String(); strings.Contains(text, "hunter2") || !strings.Contains(text, "[redacted]") {
			t.Errorf("%s log: %s", format, text)
		}
	}
}

func TestHostileTextStaysOnItsLine(t *testing.T) {
	const hostile = "a\nlevel=ERROR msg=forged\x1b[2J\x00\u2028"
	for _, format := range []string{FormatJSON, FormatText} {
		var out bytes.Buffer
		l, _, err := NewLogger(&out, LogOptions{Format: format})
		if err != nil {
			t.Fatal(err)
		}
		l.Info("m", "k", hostile)
		if text := out.String(); strings.Count(text, "\n") != 1 || strings.ContainsAny(text, "\x1b\x00") {
			t.Errorf("%s log: %q", format, text)
		}
	}
}

func TestLevelsAndFormats(t *testing.T) {
	for _, level := range []string{"debug", "info", "WARN", "Error", ""} {
		var out bytes.Buffer
		l, v, err := NewLogger(&out, LogOptions{Level: level, Format: FormatText})
		if err != nil {
			t.Errorf("level %q: %v", level, err)
			continue
		}
		l.Log(context.Background(), v.Level()-1, "below")
		l.Log(context.Background(), v.Level(), "at")
		if text := out.String(); strings.Contains(text, "below") || !strings.Contains(text, "at") {
			t.Errorf("level %q wrote %q", level, text)
		}
	}
	for _, o := range []LogOptions{{Level: "loud"}, {Format: "xml"}} {
		if _, _, err := NewLogger(&bytes.Buffer{}, o); err == nil || !strings.Contains(err.Error(), "is not one of") {
			t.Errorf("%+v: error %v does not list what is possible", o, err)
		}
	}
}

func TestLevelChangesWhileRunning(t *testing.T) {
	var out bytes.Buffer
	l, level, err := NewLogger(&out, LogOptions{Level: "error"})
	if err != nil {
		t.Fatal(err)
	}
	l.Info("before")
	if err := SetLevel(level, "info"); err != nil {
		t.Fatal(err)
	}
	l.Info("after")
	if text := out.String(); strings.Contains(text, "before") || !strings.Contains(text, "after") {
		t.Errorf("log %s", text)
	}
}
