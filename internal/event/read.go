package event

import (
	"bytes"
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"go.cordon.dev/cordon/internal/turns"
)

// ReadRecords reads a JSON list of at most so many records, quickly, if it is as nearly
// all are: every name is one of SecurityRecord's, stands once and has no escapes, no value
// is null, and all text is UTF-8. encoding/json reads such a list as the same records. ok
// is false for everything else, whether it is JSON or not: encoding/json says what it is.
func ReadRecords(list []byte, most int) (records []SecurityRecord, ok bool) {
	r := newReader(list)
	records, ok = r.list(most, len(list))
	return records, ok && r.ends()
}

// read reads what RecordsReceived is written as, if it is as ReadRecords wants it.
func (p *RecordsReceived) read(object []byte) (ok bool) {
	r := newReader(object)
	if !r.takes('{') || string(r.value('"')) != `"records"` {
		return false
	}
	records, ok := r.list(len(object), len(object))
	if ok = ok && r.takes('}') && r.ends(); ok {
		p.Records = records
	}
	return ok
}

// reader reads records by the decoder of version 2 of encoding/json: what JSON, UTF-8 and
// a name that stands twice are, it knows. Its methods report whether they found what they
// are for.
type reader struct{ *jsontext.Decoder }

func newReader(doc []byte) reader { return reader{jsontext.NewDecoder(bytes.NewBuffer(doc))} }

// recordSize is how many bytes a record is taken to have until it was read: fewer than
// most have.
const recordSize = 128

// list takes a list of at most so many records, which stands in so many bytes.
func (r reader) list(most, size int) (all []SecurityRecord, ok bool) {
	if !r.takes('[') {
		return nil, false
	}
	for all = make([]SecurityRecord, 0, min(most, size/recordSize+1)); r.PeekKind() == '{'; {
		if len(all) == most {
			return nil, false
		}
		turns.Give(len(all))
		all = append(all, SecurityRecord{})
		if !r.members(all[len(all)-1].field) {
			return nil, false
		}
	}
	return all, r.takes(']')
}

// field takes the value of a field of a record.
func (s *SecurityRecord) field(r reader, name []byte) (ok bool) {
	switch string(name) {
	case `"id"`:
		s.ID, ok = r.text()
	case `"kind"`:
		s.Kind, ok = r.text()
	case `"time"`:
		value := r.value('"')
		ok = value != nil && s.Time.UnmarshalJSON(value) == nil
	case `"source_ip"`:
		s.SourceIP, ok = r.text()
	case `"user"`:
		s.User, ok = r.text()
	case `"attributes"`:
		s.Attributes = map[string]string{}
		ok = r.members(s.attribute)
	}
	return ok
}

func (s *SecurityRecord) attribute(r reader, name []byte) bool {
	key, ok := unquoted(name)
	if ok {
		s.Attributes[key], ok = r.text()
	}
	return ok
}

// members takes an object. Each takes the value of a name, which is still quoted.
func (r reader) members(each func(r reader, name []byte) bool) bool {
	if !r.takes('{') {
		return false
	}
	for r.PeekKind() == '"' {
		if !each(r, r.value('"')) {
			return false
		}
	}
	return r.takes('}')
}

// takes takes a bracket.
func (r reader) takes(bracket jsontext.Kind) bool {
	t, err := r.ReadToken()
	return err == nil && t.Kind() == bracket
}

// value takes a value of a kind, as it is written; nil: there is none.
func (r reader) value(kind jsontext.Kind) jsontext.Value {
	v, err := r.ReadValue()
	if err != nil || v.Kind() != kind {
		return nil
	}
	return v
}

func (r reader) text() (string, bool) { return unquoted(r.value('"')) }

// unquoted is the text that a JSON string stands for.
func unquoted(quoted []byte) (text string, ok bool) {
	if len(quoted) < len(`""`) {
		return "", false
	}
	if bytes.IndexByte(quoted, '\\') < 0 {
		return string(quoted[1 : len(quoted)-1]), true
	}
	plain, err := jsontext.AppendUnquote(nil, quoted)
	return string(plain), err == nil
}

// ends reports whether nothing follows.
func (r reader) ends() bool {
	_, err := r.ReadToken()
	return errors.Is(err, io.EOF)
}
