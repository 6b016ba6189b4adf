package event

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"testing/quick"
	"time"
)

// What ReadRecords takes, encoding/json reads as the same; what it does not take is left
// to that, right or wrong.
func TestReadRecords(t *testing.T) {
	for list, want := range map[string]bool{
		`[]`: true,
		` [ {"kind" : "a" , "time":"2026-03-14T12:00:00.123456789+02:00"},{ } ]` + "\n":                           true,
		`[{"user":"\u00e9\ud83d\ude00\n\"\\\/\u0000"}]`:                                                           true,
		`[{"user":"é😀\u2028\ufffd"}]`:                                                                             true,
		`[{"attributes":{"a":"","\u0062":"x"}}]`:                                                                  true,
		`[{"attributes":{}}]`:                                                                                     true,
		`[{"kind":"a"},{"kind":"b"},{"kind":"c"}]`:                                                                true,
		`[{"kind":"a"},{"kind":"b"},{"kind":"c"},{"kind":"d"}]`:                                                   false, // more than is asked for
		`[{"time":"2026-03-14T1:00:00Z"},{"time":"2026-03-14T12:00:00,5Z"},{"time":"2026-03-14T12:00:00+24:00"}]`: true,  // as encoding/json has it
		// JSON, but not as nearly all write it
		`null`: false, `{}`: false, `[null]`: false, `[{"user":null}]`: false, `[{"time":null}]`: false, `[{"attributes":null}]`: false,
		`[{"attributes":{"a":null}}]`: false, `[{"User":"a"}]`: false, `[{"\u0075ser":"a"}]`: false, `[{"user":"a","user":"b"}]`: false,
		`[{"attributes":{"a":"x","\u0061":"y"}}]`: false, `[{"attributes":{"a":"x"},"attributes":{"b":"y"}}]`: false,
		`[{"severity":"high"}]`: false, `[{"user":"\ud800"}]`: false, "[{\"user\":\"\xff\"}]": false,
		// not what a record is
		`[{"user":1}]`: false, `[{"user":["a"]}]`: false, `[{"attributes":{"a":1}}]`: false, `[{"attributes":"a"}]`: false, `["a"]`: false, `[[]]`: false,
		`[{"time":"2026-03-14"}]`: false, `[{"time":"2026-02-30T12:00:00Z"}]`: false,
		`[{"time":"2026\u002d03-14T12:00:00Z"}]`: false, `[{"time":""}]`: false, `[{"time":1}]`: false,
		// no JSON
		``: false, `[`: false, `[{"kind":"a"}`: false, `[{"kind":"a"},]`: false, `[{"kind":"a",}]`: false, `[{"kind"}]`: false, `[{kind:"a"}]`: false, `[] []`: false,
		`[{"user":"a` + "\n" + `"}]`: false, `[{"user":"\x"}]`: false, `[{"user":"a]`: false, "\ufeff[]": false, strings.Repeat("[", 20_000): false,
	} {
		if _, ok := ReadRecords([]byte(list), 3); ok != want {
			t.Errorf("%.80q: %t", list, ok)
		}
		sameRecords(t, []byte(list), 3)
	}
}

// sameRecords compares what is read quickly with what encoding/json reads.
func sameRecords(t *testing.T, list []byte, most int) {
	t.Helper()
	got, ok := ReadRecords(list, most)
	var want []SecurityRecord
	if err := json.Unmarshal(list, &want); ok && (err != nil || !reflect.DeepEqual(got, want)) {
		t.Errorf("%.200q\n  is read as    %+v\n  encoding/json %+v, %v", list, got, want, err)
	}
	payload := append(append([]byte(`{"records":`), list...), '}')
	var fast, slow RecordsReceived
	failed, wrong := Event{Data: payload}.Decode(&fast), json.Unmarshal(payload, &slow)
	if (failed == nil) != (wrong == nil) || wrong == nil && !reflect.DeepEqual(fast, slow) {
		t.Errorf("%.200q\n  is decoded as %+v, %v\n  encoding/json %+v, %v", payload, fast, failed, slow, wrong)
	}
}

// A payload is decoded as encoding/json does also where nothing is as it mostly is.
func TestPayloadsThatAreOutOfTheOrdinary(t *testing.T) {
	for _, payload := range []string{
		`{}`, `null`, `{"records":null}`, `{"Records":[{"KIND":"a"}]}`, `{"records":[],"records":[{"kind":"a"}]}`, `{"records":[{"kind":"a","later":{"x":[1]}}],"more":1}`,
		`{"more":1,"records":[{"kind":"a"}]}`, `{"records":[{"kind":"a"}]} `, `{"records":[{"kind":"a"}]}x`, `{"records":[{"kind":"a"}]`, `[]`, ``, `{"records":{}}`,
	} {
		var fast, slow RecordsReceived
		failed, wrong := Event{Data: []byte(payload)}.Decode(&fast), json.Unmarshal([]byte(payload), &slow)
		if (failed == nil) != (wrong == nil) || !reflect.DeepEqual(fast, slow) {
			t.Errorf("%s: %+v, %v; encoding/json %+v, %v", payload, fast, failed, slow, wrong)
		}
	}
	held := RecordsReceived{Records: []SecurityRecord{{User: "anna"}}}
	if err := (Event{Data: []byte(`{}`)}).Decode(&held); err != nil || len(held.Records) != 1 {
		t.Errorf("%+v, %v", held, err)
	}
}

// Whatever is in a record, what it is written as is read quickly.
func TestWhatIsWrittenIsReadQuickly(t *testing.T) {
	written := func(id, kind, user, name, value string, seconds uint32) bool {
		in := SecurityRecord{ID: id, Kind: kind, User: user, Time: time.Unix(int64(seconds), 123456000).UTC(), Attributes: map[string]string{name: value, "path": "/a?b=1&c=<d>"}}
		b, err := json.Marshal([]SecurityRecord{in, {}})
		if err != nil {
			return false
		}
		got, ok := ReadRecords(b, 2)
		sameRecords(t, b, 2)
		return ok && len(got) == 2
	}
	if err := quick.Check(written, nil); err != nil {
		t.Error(err)
	}
	if !written("", "a", "\xff\x00\u2028\u007f", "\xfe", "\ud7ff\U0010ffff", 1) {
		t.Error("what is no text is not read quickly")
	}
}

func FuzzReadRecords(f *testing.F) {
	for _, list := range []string{
		`[{"id":"a","kind":"auth_failed","time":"2026-03-14T12:00:00Z","source_ip":"203.0.113.9","user":"root","attributes":{"path":"/\u0026","status":"404"}}]`,
		`[{"user":"\ud83d\ude00"},{"attributes":{}}]`, `[{"Kind":"a","kind":null}]`, `[{"time":"2026-03-14T12:00:00.5-07:00"}] `, `[{"user":"a","user":"b"}]`,
	} {
		f.Add([]byte(list))
	}
	f.Fuzz(func(t *testing.T, list []byte) { sameRecords(t, list, 4) })
}
