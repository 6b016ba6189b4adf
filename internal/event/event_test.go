package event

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func newEvent(t testing.TB) Event {
	t.Helper()
	h := Header{Time: exampleTime(), Source: "node-1/leak", Severity: High, Subject: "s", CorrelationID: exampleID}
	e, err := New(h, exampleQuarantined())
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestNewEventIsValidAndSurvivesJSON(t *testing.T) {
	e := newEvent(t)
	if err := e.Validate(); err != nil {
		t.Fatalf("a fresh event is refused: %v", err)
	}
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	var back Event
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(e, back); diff != "" {
		t.Errorf("event changed on its way through JSON (-sent +got):\n%s", diff)
	}
	var p MessageQuarantined
	if err := back.Decode(&p); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(exampleQuarantined(), p); diff != "" {
		t.Errorf("payload changed (-sent +got):\n%s", diff)
	}
}

// What Make encodes at once is what New and Encode make of it, whatever texts stand
// before the payload.
func TestMakeIsNewAndEncode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{`,"data":`, `x","data":{}`, "<&>\u2028", "\xff"}))
		h := Header{
			Time: exampleTime(), Source: "n/" + text.Draw(t, "source"), Severity: rapid.SampledFrom(Severities()).Draw(t, "severity"),
			Subject: text.Draw(t, "subject"), CorrelationID: text.Draw(t, "correlation"),
		}
		p := SessionEnded{Contact: Contact{Decky: text.Draw(t, "decky"), Service: "ssh", OccurredAt: exampleTime()}, Attempts: 1}
		made, err := Make(h, p, exampleID)
		e, newErr := New(h, p)
		if err != nil || newErr != nil {
			if (err == nil) != (newErr == nil) {
				t.Fatalf("Make: %v, New: %v", err, newErr)
			}
			return
		}
		e.ID = exampleID
		encoded, err := Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		if made.JSON() != encoded.JSON() {
			t.Fatalf("Make   %s\nEncode %s", made.JSON(), encoded.JSON())
		}
		if diff := cmp.Diff(encoded.Event(), made.Event()); diff != "" {
			t.Fatalf("the event differs (-New +Make):\n%s", diff)
		}
	})
}

func TestMakeRefusesWhatIsNoEvent(t *testing.T) {
	for name, bad := range map[string]struct {
		header  Header
		payload Payload
		id      string
	}{
		"no id":      {Header{Time: exampleTime(), Source: "n"}, BusHealth{Kind: "memory"}, ""},
		"no source":  {Header{Time: exampleTime()}, BusHealth{Kind: "memory"}, exampleID},
		"no time":    {Header{Source: "n"}, BusHealth{Kind: "memory"}, exampleID},
		"a severity": {Header{Time: exampleTime(), Source: "n", Severity: 9}, BusHealth{Kind: "memory"}, exampleID},
		"a topic":    {Header{Time: exampleTime(), Source: "n"}, DeckyTraffic{Contact: Contact{Decky: "a b"}}, exampleID},
	} {
		if _, err := Make(bad.header, bad.payload, bad.id); err == nil {
			t.Errorf("%s: made", name)
		}
	}
}

func TestNewCutsTimeToMicrosecondsInUTC(t *testing.T) {
	local := time.Date(2026, 3, 14, 15, 0, 0, 123_456_789, time.FixedZone("CET", 3600))
	e, err := New(Header{Time: local, Source: "n"}, BusHealth{Kind: "memory"})
	if err != nil {
		t.Fatal(err)
	}
	if want := time.Date(2026, 3, 14, 14, 0, 0, 123_456_000, time.UTC); e.Time != want {
		t.Errorf("time %v, want %v", e.Time, want)
	}
}

func TestNewRefusesAPayloadWithoutTopic(t *testing.T) {
	_, err := New(Header{Time: exampleTime(), Source: "n"}, SourceStateChanged{SourceID: "a.b"})
	if err == nil || !strings.Contains(err.Error(), "leak.source.{id}.state") {
		t.Errorf("error %v does not name the topic", err)
	}
}

type unencodable struct{ BusHealth }

func (unencodable) MarshalJSON() ([]byte, error) { return nil, errors.New("no") }

func TestNewReportsAPayloadThatCannotBeEncoded(t *testing.T) {
	if _, err := New(Header{Time: exampleTime(), Source: "n"}, unencodable{}); err == nil {
		t.Error("no error")
	}
}

func TestValidateNamesWhatIsWrong(t *testing.T) {
	cases := map[string]struct {
		spoil func(*Event)
		want  string
	}{
		"no id":             {func(e *Event) { e.ID = "" }, "event id"},
		"id of version 4":   {func(e *Event) { e.ID = "8d3a1c6e-30f5-4c43-8ad5-4e62c0c1a111" }, "version 4"},
		"wildcard topic":    {func(e *Event) { e.Topic = "leak.>" }, "event topic"},
		"no time":           {func(e *Event) { e.Time = time.Time{} }, "mandatory"},
		"no source":         {func(e *Event) { e.Source = "" }, "mandatory"},
		"schema 0":          {func(e *Event) { e.Schema = 0 }, "mandatory"},
		"severity too high": {func(e *Event) { e.Severity = Critical + 1 }, "severity 5"},
		"severity too low":  {func(e *Event) { e.Severity = -1 }, "severity -1"},
		"no data":           {func(e *Event) { e.Data = nil }, "not JSON"},
		"torn data":         {func(e *Event) { e.Data = []byte(`{"a":`) }, "not JSON"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			e := newEvent(t)
			c.spoil(&e)
			if err := e.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v does not say %q", err, c.want)
			}
		})
	}
}

func TestDecodeNamesTheEvent(t *testing.T) {
	e := newEvent(t)
	var wrong []string
	if err := e.Decode(&wrong); err == nil || !strings.Contains(err.Error(), e.ID) {
		t.Errorf("error %v does not name event %s", err, e.ID)
	}
}

func FuzzValidate(f *testing.F) {
	text, err := json.Marshal(newEvent(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"id":"x","severity":"HIGH","data":null}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var e Event
		if json.Unmarshal(text, &e) != nil || e.Validate() != nil {
			return
		}
		again, err := json.Marshal(e)
		if err != nil {
			t.Fatalf("a valid event cannot be written: %v", err)
		}
		var back Event
		if err := json.Unmarshal(again, &back); err != nil || back.Validate() != nil {
			t.Fatalf("a valid event does not survive JSON: %v, %v", err, back.Validate())
		}
	})
}

func TestSeverityNames(t *testing.T) {
	for rank, s := range Severities() {
		for _, text := range []string{s.String(), strings.ToUpper(s.String())} {
			if got, err := ParseSeverity(text); err != nil || got != s || int(got) != rank {
				t.Errorf("ParseSeverity(%q) = %d, %v; want %d", text, got, err, rank)
			}
		}
	}
	for _, text := range []string{"", "fatal", "high ", "severity(3)"} {
		if _, err := ParseSeverity(text); err == nil || !strings.Contains(err.Error(), "info, low, medium, high, critical") {
			t.Errorf("ParseSeverity(%q): error %v does not list the names", text, err)
		}
	}
	if text, err := Severity(9).MarshalText(); err == nil {
		t.Errorf("severity 9 is written as %q", text)
	}
	if got := Severity(-1).String(); got != "severity(-1)" {
		t.Errorf("String of -1 is %q", got)
	}
}

func TestCursorRoundTrip(t *testing.T) {
	if c, err := ParseCursor(""); err != nil || c != (Cursor{}) || c.String() != "" {
		t.Errorf("empty cursor: %v, %v", c, err)
	}
	rapid.Check(t, func(t *rapid.T) {
		day := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "day"), 0).UTC().Format(time.DateOnly)
		c := Cursor{Day: day, Seq: rapid.Int64Min(0).Draw(t, "seq")}
		if got, err := ParseCursor(c.String()); err != nil || got != c {
			t.Fatalf("%q is read as %v, %v", c.String(), got, err)
		}
	})
}

func FuzzParseCursor(f *testing.F) {
	for _, s := range []string{"", "2026-03-14/42", "2026-03-14/+42", "2026-03-14/007", "2026-02-30/1", "x/1", "2026-03-14/-1", "2026-03-14"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if c, err := ParseCursor(s); err == nil && c.String() != s {
			t.Errorf("%q is read as %q: one place has two names", s, c.String())
		}
	})
}

func TestCorrelationTravelsInTheContext(t *testing.T) {
	outer := WithCorrelation(context.Background(), "outer")
	inner := WithCorrelation(outer, "inner")
	for want, ctx := range map[string]context.Context{"": context.Background(), "outer": outer, "inner": inner} {
		if got := Correlation(ctx); got != want {
			t.Errorf("correlation %q, want %q", got, want)
		}
	}
}
