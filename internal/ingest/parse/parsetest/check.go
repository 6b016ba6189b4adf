package parsetest

import (
	"testing"
	"time"
	"unicode/utf8"

	"go.cordon.dev/cordon/internal/ingest/parse"
)

// check holds records to their bounds.
func check(t *testing.T, all []parse.Record) {
	t.Helper()
	if len(all) > parse.MaxTimes {
		t.Fatalf("one line is %d records", len(all))
	}
	for _, r := range all {
		if r.Kind == "" || r.Attributes == nil || r.Time.IsZero() || r.Time.Location() == nil {
			t.Fatalf("record %+v is not whole", r)
		}
		if a := r.SourceIP; a.Zone() != "" || a.Is4In6() {
			t.Fatalf("address %s is not in its plain form", a)
		}
		text(t, "user", r.User, parse.MaxUser)
		for k, v := range r.Attributes {
			text(t, k, v, parse.MaxValue)
		}
		if _, err := r.Time.MarshalText(); err != nil {
			t.Fatalf("time %v: %v", r.Time.Format(time.RFC3339), err)
		}
	}
}

func text(t *testing.T, key, value string, most int) {
	t.Helper()
	if len(value) > most || !utf8.ValidString(value) {
		t.Fatalf("%s has %d bytes, or is no text: %.80q", key, len(value), value)
	}
}
