package store

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

func packedEvent(t testing.TB, note string) event.Encoded {
	t.Helper()
	e, err := event.New(event.Header{Time: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Source: "node/test", Severity: event.Low, Subject: "x"}, event.BusHealth{Kind: note})
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := event.Encode(e)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

func openFile(t testing.TB) *Store {
	t.Helper()
	s, err := Open(t.Context(), Options{URL: "sqlite:" + filepath.Join(t.TempDir(), "cordon.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestLongEventsArePackedAndShortOnesReadable(t *testing.T) {
	s := openFile(t)
	record := `{"kind":"auth_failed","source_ip":"203.0.113.9","user":"root"},`
	for _, c := range []struct {
		name   string
		data   string
		packed bool
	}{
		{"short", record, false},
		{"long", strings.Repeat(record, 1_000), true},
	} {
		e := packedEvent(t, c.data)
		err := s.Write(t.Context(), func(_ context.Context, tx *Tx) error { tx.EmitEncoded(e); return nil })
		if err != nil {
			t.Fatal(err)
		}
		var text, packed int
		row := s.read.QueryRowContext(t.Context(), "SELECT length(envelope), coalesce(length(packed), 0) FROM event_log WHERE id = ?", e.Event().ID)
		if err := row.Scan(&text, &packed); err != nil {
			t.Fatal(err)
		}
		if c.packed && (text > 300 || packed == 0 || packed > len(e.JSON())/10) {
			t.Errorf("%s: %d bytes are kept as %d of text and %d packed, want a short text and a tenth at most", c.name, len(e.JSON()), text, packed)
		}
		if !c.packed && (text != len(e.JSON()) || packed != 0) {
			t.Errorf("%s: %d bytes are kept as %d of text and %d packed, want all as text", c.name, len(e.JSON()), text, packed)
		}
	}
}

func TestAPackedEventThatIsDamagedIsNamed(t *testing.T) {
	s := openFile(t)
	e := packedEvent(t, strings.Repeat("a record, ", 1_000))
	kept := s.Pack(e)
	whole := kept.data
	bomb := s.packer.in.EncodeAll(make([]byte, maxUnpacked+1), nil)
	for name, bytes := range map[string][]byte{"cut": whole[:len(whole)-3], "none": {}, "of others": []byte("not packed"), "a bomb": bomb} {
		_, _, err := s.record(eventRow{ID: "e1", Envelope: kept.envelope, Packed: bytes})
		if err == nil || !strings.Contains(err.Error(), "event e1") {
			t.Errorf("%s: error %v, want one that names the event", name, err)
		}
	}
}

func BenchmarkPack(b *testing.B) {
	s := openFile(b)
	e := packedEvent(b, strings.Repeat(`{"kind":"auth_failed","source_ip":"203.0.113.9","user":"root"},`, 750))
	b.SetBytes(int64(len(e.JSON())))
	for b.Loop() {
		s.Pack(e)
	}
}
