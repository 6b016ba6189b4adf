package bzzzlog

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseMessage(t *testing.T) {
	cases := map[string]struct {
		raw  string
		want Message
	}{
		"whole": {
			`{"type":"task","from":"12D3","timestamp":"2026-03-14T12:00:00.123456789Z","data":{"a": 1},"hop_count":2}`,
			Message{Type: "task", From: "12D3", Timestamp: noon(), Data: json.RawMessage(`{"a": 1}`), HopCount: "2"},
		},
		"least":               {`{"data":null,"type":""}`, Message{Data: json.RawMessage("null")}},
		"odd values":          {`{"type":"t","from":5,"timestamp":12,"data":"x","hop_count":"many","more":1}`, Message{Type: "t", Data: json.RawMessage(`"x"`)}},
		"escapes":             {`{"t\u0079pe":"\u0061","data":1}`, Message{Type: "a", Data: json.RawMessage("1")}},
		"any case, as Go has": {`{"Type":"t","DATA":1}`, Message{Type: "t", Data: json.RawMessage("1")}},
		"numbers stay raw":    {`{"type":"t","data":[1.50],"hop_count":1e400}`, Message{Type: "t", Data: json.RawMessage("[1.50]"), HopCount: "1e400"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := ParseMessage([]byte(c.raw), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseMessageRefuses(t *testing.T) {
	cases := map[string]struct {
		raw  string
		want error
	}{
		"no type":       {`{"data":1}`, ErrNotMessage},
		"type a number": {`{"type":1,"data":1}`, ErrNotMessage},
		"no data":       {`{"type":"t"}`, ErrNotMessage},
		"two types":     {`{"type":"dull","data":1,"Type":"task"}`, ErrDuplicate},
		"text":          {`hello`, ErrSyntax},
		"a string":      {`"type"`, ErrSyntax},
		"cut":           {`{"type":"t","data":{`, ErrSyntax},
	}
	for name, c := range cases {
		if _, err := ParseMessage([]byte(c.raw), Limits{}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestErrorsDoNotQuoteTheInput(t *testing.T) {
	for _, raw := range []string{`{"type":"hunter2","hunter2"}`, `{"type":hunter2}`, `{"type":"t","type":"hunter2"}`, `{"hunter2":1}`, `"\hunter2"`} {
		_, asMessage := ParseMessage([]byte(raw), Limits{})
		_, asEntry := ParseEntry([]byte(raw), Limits{})
		for _, err := range []error{asMessage, asEntry, Walk([]byte(raw), Limits{}, func(Value) bool { return true })} {
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%v quotes the input", err)
			}
		}
	}
}

func TestEncodeMessage(t *testing.T) {
	m := Message{Type: "task", From: "a", Timestamp: noon().Truncate(time.Second), Data: json.RawMessage(`{ "k": "v" }`)}
	got, err := EncodeMessage(m)
	if want := `{"type":"task","from":"a","timestamp":"2026-03-14T12:00:00Z","data":{"k":"v"}}`; err != nil || string(got) != want {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
	m.HopCount = "3"
	if got, _ := EncodeMessage(m); !strings.HasSuffix(string(got), `,"hop_count":3}`) {
		t.Errorf("hop count is missing in %s", got)
	}
	m.Data = json.RawMessage(`{`)
	if _, err := EncodeMessage(m); err == nil {
		t.Error("data that is no JSON is written")
	}
}

func FuzzParseMessage(f *testing.F) {
	f.Add([]byte(`{"type":"task","from":"12D3","timestamp":"2026-03-14T12:00:00Z","data":{"a":1},"hop_count":2}`))
	f.Add([]byte(`{"Type":"\u0061","data":[null]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := ParseMessage(raw, Limits{})
		if err != nil {
			return
		}
		text, err := EncodeMessage(m)
		if err != nil {
			return // more tolerant than the encoder
		}
		back, err := ParseMessage(text, Limits{})
		if err != nil {
			t.Fatalf("%q is written as %q, which is refused: %v", raw, text, err)
		}
		if want := string([]rune(m.Type)); back.Type != want {
			t.Fatalf("type %q became %q", want, back.Type)
		}
	})
}

func BenchmarkWalk(b *testing.B) {
	raw := []byte(`{"type":"task","from":"12D3KooWExample","timestamp":"2026-03-14T12:00:00Z","data":{"text":"` + strings.Repeat("lorem ipsum ", 60) + `","list":[1,2,3,{"a":"\u0041"}]}}`)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if err := Walk(raw, Limits{}, func(Value) bool { return true }); err != nil {
			b.Fatal(err)
		}
	}
}
