package event

import (
	"strings"
	"testing"
)

// What cannot be stored is not encoded, and what Validate has something against is not,
// either.
func TestEncodeRefusesWhatIsNoEvent(t *testing.T) {
	good, err := New(Header{Time: exampleTime(), Source: "n/s"}, RecordsReceived{})
	if err != nil {
		t.Fatal(err)
	}
	for want, spoil := range map[string]func(*Event){
		"":         func(*Event) {},
		"id":       func(e *Event) { e.ID = "x" },
		"topic":    func(e *Event) { e.Topic = "a..b" },
		"source":   func(e *Event) { e.Source = "" },
		"severity": func(e *Event) { e.Severity = 9 },
		"not JSON": func(e *Event) { e.Data = nil },
		"JSON":     func(e *Event) { e.Data = []byte(`{"a":}`) },
		"RawMess":  func(e *Event) { e.Data = []byte(`{}{}`) },
		"end of":   func(e *Event) { e.Data = []byte{' '} },
	} {
		e := good
		spoil(&e)
		if _, err := Encode(e); (err == nil) != (want == "") || (err == nil) != (e.Validate() == nil) || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; Validate: %v", want, err, e.Validate())
		}
	}
}
