package detect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestASecretIsPrintedNowhere(t *testing.T) {
	const plain = "hunter2-hunter2-hunter2"
	f := Finding{Rule: &Rule{ID: "r"}, Secret: NewSecret([]byte(plain)), Severity: SeverityLow}
	hidden := struct{ inner Finding }{f}
	var logged bytes.Buffer
	slog.New(slog.NewTextHandler(&logged, nil)).Info("m", "finding", f, "secret", f.Secret)
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("m", "finding", f, "secret", f.Secret)
	asJSON, err := json.Marshal(map[string]any{"finding": f, "secret": f.Secret})
	if err != nil {
		t.Fatal(err)
	}
	text, err := f.Secret.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	outputs := []string{logged.String(), string(asJSON), string(text), f.Secret.String()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		outputs = append(outputs, fmt.Sprintf(verb, f.Secret), fmt.Sprintf(verb, f), fmt.Sprintf(verb, &f), fmt.Sprintf(verb, hidden))
	}
	for _, out := range outputs {
		if strings.Contains(out, "hunter2") || strings.Contains(out, fmt.Sprintf("%x", "hunter2")) || strings.Contains(out, "104 117 110") {
			t.Errorf("shows the secret: %s", out)
		}
	}
	if string(f.Secret.Reveal()) != plain {
		t.Error("Reveal doesn't give the secret")
	}
}

func TestAWipedSecretIsGone(t *testing.T) {
	s := NewSecret([]byte("abc"))
	held := s.Reveal()
	s.Wipe()
	if string(held) != "\x00\x00\x00" {
		t.Errorf("after Wipe: %q", held)
	}
	if (Secret{}).Reveal() != nil || (Secret{}).Len() != 0 {
		t.Error("the zero Secret is not empty")
	}
}

func TestSeverityIsReadInAnyCaseAndWrittenInLower(t *testing.T) {
	for text, want := range map[string]Severity{"info": SeverityInfo, "LOW": SeverityLow, "Medium": SeverityMedium, "HIGH": SeverityHigh, "cRiTiCaL": SeverityCritical} {
		got, err := ParseSeverity(text)
		if err != nil || got != want {
			t.Errorf("ParseSeverity(%q) = %v, %v", text, got, err)
		}
		if b, err := got.MarshalText(); err != nil || string(b) != strings.ToLower(text) {
			t.Errorf("MarshalText of %v = %s, %v", got, b, err)
		}
	}
	if _, err := ParseSeverity("fatal"); err == nil {
		t.Error("fatal is no severity")
	}
	if _, err := Severity(0).MarshalText(); err == nil {
		t.Error("the zero severity was written")
	}
}
