package api

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/event"
)

// readSlowly reads a body as the schema says.
func readSlowly(s *server, raw string) ([]event.SecurityRecord, error) {
	b := EventsBody{[]byte(raw)}
	in, err := readAs[[]RecordIn](s, b, b.schemas(s.huma.OpenAPI().Components.Schemas)[1])
	return convert(in, func(r RecordIn) event.SecurityRecord { return event.SecurityRecord(r) }), err
}

// records is a list of so many, the last of them with more.
func records(n int, more string) string {
	return "[" + strings.Repeat(`{"kind":"auth_failed"},`, n-1) + `{"kind":"auth_failed"` + more + `}]`
}

// What is read in one pass is what the schema permits, read as it would be; whatever else
// there is, the schema judges.
func TestPlainRecordsAreThoseThatTheSchemaPermits(t *testing.T) {
	one := func(more string) string { return records(1, more) }
	a, _ := build(Deps{})
	s := &a.server
	for raw, plain := range map[string]bool{
		one(``): true, one(`,"time":"2026-03-14T12:00:00+02:00","user":"","source_ip":"","id":"","attributes":{}`): true,
		one(`,"attributes":{"a_1":"","":"x"}`):                true,
		one(`,"id":"` + strings.Repeat("x", 128) + `"`):       true,
		one(`,"source_ip":"` + strings.Repeat("x", 64) + `"`): true,
		one(`,"user":"` + strings.Repeat("é", 400_000) + `"`): true,
		one(`,"time":"2026-03-14T1:00:00,5+24:00"`):           true, // as encoding/json has it
		records(1000, ``): true,
		one(`,"id":"` + strings.Repeat("é", 128) + `"`):       false, // permitted, and seldom
		one(`,"source_ip":"` + strings.Repeat("é", 64) + `"`): false,
		one(`,"user":null,"time":null,"attributes":null`):     false,
		one(`,"user":"a","user":"b"`):                         false,
		one(`,"id":"` + strings.Repeat("x", 129) + `"`):       false,
		one(`,"source_ip":"` + strings.Repeat("x", 65) + `"`): false,
		one(`,"attributes":{"a":null}`):                       false,
		one(`,"attributes":{"A":"x"}`):                        false,
		one(`,"attributes":{"a-b":"x"}`):                      false,
		one(`,"attributes":{"é":"x"}`):                        false,
		one(`,"time":"2026\u002d03-14T12:00:00Z"`):            false,
		one(`,"severity":"high"`):                             false,
		one(`,"User":"a"`):                                    false,
		one(`,"user":"` + "\xff" + `"`):                       false,
		records(1001, ``):                                     false,
		`[]`:                                                  false, `[null]`: false, `[{}]`: false, `[{"kind":"weather"}]`: false, `[{"kind":null}]`: false, `[{"user":"a"}]`: false,
	} {
		if _, ok := plainRecords([]byte(raw)); ok != plain {
			t.Errorf("%.100s: %t", raw, ok)
		}
		if err := sameAsTheSchema(s, raw); err != nil {
			t.Error(err)
		}
	}
}

// sameAsTheSchema compares the two ways in which a body may be read.
func sameAsTheSchema(s *server, raw string) error {
	got, ok := plainRecords([]byte(raw))
	if !ok {
		return nil
	}
	want, err := readSlowly(s, raw)
	if err != nil || !reflect.DeepEqual(got, want) {
		return fmt.Errorf("%.200q is read as %.200v; by the schema %.200v, %v", raw, got, want, err)
	}
	return nil
}

// FuzzRecords looks for a body that is taken in one pass and would not be by the schema, or
// not as the same records.
func FuzzRecords(f *testing.F) {
	for _, raw := range []string{
		`[{"id":"a","kind":"auth_failed","time":"2026-03-14T12:00:00Z","source_ip":"203.0.113.9","user":"root","attributes":{"path":"/\u0026","status":"404"}}]`,
		`[{"kind":"http_request","time":"2026-03-14T12:00:00.5-07:00","attributes":{"user_agent":"\ud83d\ude00"}},{"kind":"rate_limited"}]`, records(3, `,"id":"\u00e9"`),
	} {
		f.Add(raw)
	}
	a, _ := build(Deps{})
	s := &a.server
	f.Fuzz(func(t *testing.T, raw string) {
		if err := sameAsTheSchema(s, raw); err != nil {
			t.Error(err)
		}
	})
}

// BenchmarkReadRecords reads a batch of 500 records in both ways. Time and allocations are
// those of one record.
func BenchmarkReadRecords(b *testing.B) {
	a, _ := build(Deps{})
	raw := "[" + strings.Repeat(`{"kind":"auth_failed","time":"2026-03-14T12:00:00.123456Z","source_ip":"203.0.113.9","user":"user-58321","attributes":{"service":"sshd"}},`, 499) + `{"kind":"auth_failed"}]`
	for name, read := range map[string]func() ([]event.SecurityRecord, error){
		"by the schema": func() ([]event.SecurityRecord, error) { return readSlowly(&a.server, raw) },
		"in one pass":   func() ([]event.SecurityRecord, error) { return a.recordsOf(EventsBody{[]byte(raw)}) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for done := 0; b.Loop(); done++ {
				if done%500 > 0 {
					continue
				}
				if got, err := read(); err != nil || len(got) != 500 {
					b.Fatal(len(got), err)
				}
			}
		})
	}
}
