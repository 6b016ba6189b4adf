package event

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/id"
)

// What cannot be stored is not encoded, and what Validate has something against is not,
// either.
func TestEncodeRefusesWhatIsNoEvent(t *testing.T) {
	good, err := New(Header{Time: exampleTime(), Source: "n/s"}, RecordsReceived{})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		spoil func(*Event)
		want  string
	}{
		"nothing wrong":      {func(*Event) {}, ""},
		"no id":              {func(e *Event) { e.ID = "x" }, "id"},
		"no topic":           {func(e *Event) { e.Topic = "a..b" }, "topic"},
		"no source":          {func(e *Event) { e.Source = "" }, "source"},
		"no severity":        {func(e *Event) { e.Severity = 9 }, "severity"},
		"no data":            {func(e *Event) { e.Data = nil }, "data is not JSON"},
		"data that is blank": {func(e *Event) { e.Data = []byte{' '} }, "data is not JSON"},
		"broken data":        {func(e *Event) { e.Data = []byte(`{"a":}`) }, "data is not JSON"},
		"data twice":         {func(e *Event) { e.Data = []byte(`{}{}`) }, "data is not JSON"},
	} {
		e := good
		c.spoil(&e)
		if _, err := Encode(e); (err == nil) != (c.want == "") || (err == nil) != (e.Validate() == nil) || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; Validate: %v", name, err, e.Validate())
		}
	}
}

func TestAnEventIsItsHeaderAndItsDataAsTheyWereGiven(t *testing.T) {
	for _, data := range []string{`{}`, `{"a":1}`, `{"a": "b } , \u003c"}`, `0`, `"0"`, `[0,0]`, `null`, "{\n  \"a\": [1,\r\n 2]\n}"} {
		e := Event{ID: id.New(), Topic: "leak.message.quarantined", Time: exampleTime(), Source: "n/s", Severity: High, Subject: `,"data":0}`, Schema: 1, Data: []byte(data)}
		want, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		encoded, err := Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(encoded.JSON(), "\r\n") {
			t.Errorf("%q is written in several lines: %s", data, encoded.JSON())
		}
		if compact(t, []byte(encoded.JSON())) != compact(t, want) || compact(t, encoded.Event().Data) != compact(t, e.Data) {
			t.Errorf("%q is written as %s, want %s", data, encoded.JSON(), want)
		}
	}
}

func compact(t *testing.T, text []byte) string {
	t.Helper()
	var out bytes.Buffer
	if err := json.Compact(&out, text); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return out.String()
}

// An event of 500 records, as ingest makes it.
func BenchmarkEncode(b *testing.B) {
	record := `{"kind":"auth_failed","time":"2026-03-14T14:32:07.123456Z","source_ip":"192.0.2.17","user":"user-123456","attributes":{"service":"sshd"}}`
	e := Event{ID: id.New(), Topic: "ingest.records", Time: exampleTime(), Source: "n/s", Schema: 1, Data: []byte(`{"records":[` + strings.Repeat(record+",", 499) + record + `]}`)}
	b.SetBytes(int64(len(e.Data)))
	for b.Loop() {
		if _, err := Encode(e); err != nil {
			b.Fatal(err)
		}
	}
}
