package playbook

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/condition"
	"go.cordon.dev/cordon/internal/event"
)

// fields are what a condition may ask of an event's data, by name.
type fields map[string]condition.Kind

// answered are the events that playbooks are about: the first token of their topics.
// What playbooks do themselves is not among them, so that none answers another.
func answered() []string {
	return []string{"anomaly", "attacker", "credential", "egress", "incident", "leak"}
}

// fieldsOf returns the fields that all events of some patterns have. The error says
// which pattern is about no event.
func fieldsOf(patterns []string) (fields, error) {
	var common fields
	for _, pattern := range patterns {
		head, _, _ := strings.Cut(pattern, ".")
		if !slices.Contains(answered(), head) {
			return nil, fmt.Errorf("%.128q: a playbook answers events whose topic begins with one of %s", pattern, strings.Join(answered(), ", "))
		}
		known := false
		for _, entry := range event.Catalogue() {
			if !overlap(pattern, entry.Pattern) || entry.Topic == event.TopicKillSwitchChanged {
				continue
			}
			known = true
			common = shared(common, ofStruct(reflect.TypeOf(entry.Example)))
		}
		if !known {
			return nil, fmt.Errorf("%.128q: no event is said under it; docs/event-catalog.md lists all", pattern)
		}
	}
	return common, nil
}

// shared are the fields of both; nil stands for all there could be.
func shared(a, b fields) fields {
	if a == nil {
		return b
	}
	maps.DeleteFunc(a, func(name string, kind condition.Kind) bool {
		other, ok := b[name]
		return !ok || kind != other
	})
	return a
}

// overlap reports whether a topic can match both patterns.
func overlap(a, b string) bool {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := 0; i < len(x) && i < len(y); i++ {
		switch {
		case x[i] == ">" || y[i] == ">":
			return true
		case x[i] != "*" && y[i] != "*" && x[i] != y[i]:
			return false
		}
	}
	return len(x) == len(y)
}

// ofStruct lists what encoding/json makes of a payload's fields.
func ofStruct(t reflect.Type) fields {
	out := fields{}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			maps.Copy(out, ofStruct(f.Type))
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if kind := kindOf(f.Type); kind != 0 && name != "" && name != "-" {
			out[name] = kind
		}
	}
	return out
}

// kindOf is a field's type in a condition; 0 when none can ask about it.
func kindOf(t reflect.Type) condition.Kind {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == reflect.TypeFor[time.Time]():
		return condition.Moment
	case t.Implements(reflect.TypeFor[encoding.TextMarshaler]()):
		return condition.Text
	case t == reflect.TypeFor[[]string]():
		return condition.Texts
	}
	switch t.Kind() {
	case reflect.String:
		return condition.Text
	case reflect.Bool:
		return condition.Truth
	case reflect.Float64:
		return condition.Number
	case reflect.Int, reflect.Int64, reflect.Uint16, reflect.Uint64:
		return condition.Whole
	}
	return 0
}

var errData = errors.New("its data is not what its topic says")

// read takes the fields out of an event. One that is absent or null is empty; one of
// another type is an error.
func (f fields) read(e event.Event) (map[string]any, error) {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(e.Data, &raw); err != nil {
		return nil, errData
	}
	out := make(map[string]any, len(f))
	for name, kind := range f {
		v, err := valueOf(kind, raw[name])
		if err != nil {
			return nil, errData
		}
		out[name] = v
	}
	return out, nil
}

func valueOf(kind condition.Kind, raw json.RawMessage) (any, error) {
	switch kind {
	case condition.Text:
		return decoded[string](raw)
	case condition.Truth:
		return decoded[bool](raw)
	case condition.Number:
		return decoded[float64](raw)
	case condition.Whole:
		return decoded[int64](raw)
	case condition.Moment:
		return decoded[time.Time](raw)
	}
	return decoded[[]string](raw)
}

func decoded[T any](raw json.RawMessage) (v T, err error) {
	if len(raw) > 0 {
		err = json.Unmarshal(raw, &v)
	}
	return v, err
}
