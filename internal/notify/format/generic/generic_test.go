package generic_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify/format/generic"
	"go.cordon.dev/cordon/internal/notify/formattest"
)

func TestConformance(t *testing.T) {
	formattest.Run(t, formattest.Suite{Format: generic.New()})
}

func TestTheBodyIsTheEvent(t *testing.T) {
	for _, text := range []string{"main", "\x1b[31m\u009b\u202e \U000e0041 \x7f end", "line\nline\ttab \"quoted\" \\"} {
		for _, want := range formattest.Events(t, text) {
			body, _, err := generic.New().Render(want)
			if err != nil {
				t.Fatal(err)
			}
			var got event.Event
			if err := json.Unmarshal(body, &got); err != nil {
				t.Fatalf("%s: %v\n%s", want.Topic, err, body)
			}
			if diff := cmp.Diff(value(t, want), value(t, got)); diff != "" {
				t.Errorf("%s with %q (-sent +received):\n%s", want.Topic, text, diff)
			}
		}
	}
}

// value is what a receiver that parses the event sees.
func value(t *testing.T, e event.Event) any {
	t.Helper()
	b, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestPayloadThatIsNotJSONIsRefusedByName(t *testing.T) {
	e := formattest.Examples(t)[0]
	e.Data = json.RawMessage(`{"cut`)
	if _, _, err := generic.New().Render(e); err == nil || !strings.Contains(err.Error(), e.ID) {
		t.Errorf("Render of a broken payload: error %v, want one that names %s", err, e.ID)
	}
}

func FuzzRender(f *testing.F) {
	f.Add("topic.a", "subject", `{"a":"\u001b[31m"}`)
	f.Add("t", "\u202e\xff", "\"\u009b\xff\"")
	f.Fuzz(func(t *testing.T, topic, subject, data string) {
		e := event.Event{ID: "e", Topic: topic, Subject: subject, Data: json.RawMessage(data)}
		body, _, err := generic.New().Render(e)
		if err != nil {
			return
		}
		var got event.Event
		if err := json.Unmarshal(body, &got); err != nil {
			t.Fatalf("body does not parse: %v\n%q", err, body)
		}
		if got.Subject != string([]rune(subject)) {
			t.Fatalf("subject %q came back as %q", subject, got.Subject)
		}
	})
}
