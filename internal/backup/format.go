package backup

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.cordon.dev/cordon/internal/store"
)

// Format is the version of the file's form.
const Format = 1

// The members that every backup has, and the prefix of those with rows.
const (
	headerName   = "cordon-backup.json"
	keysName     = "keys.sealed"
	manifestName = "manifest.json"
	tablesPrefix = "tables/"
)

// The sizes, in bytes. A member with rows ends when it is larger than
// chunkSize; the last row may make it as large as a row can be.
const (
	chunkSize   = 1 << 20
	maxMember   = 64 << 20
	maxManifest = 64 << 20
	maxSmall    = 1 << 20 // header and keys
)

// ErrDamaged says that a file is no whole backup.
var ErrDamaged = errors.New("the backup is damaged or not complete")

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrDamaged, fmt.Sprintf(format, args...))
}

// passing are the tables whose rows end with the processes that wrote them, and
// why they are not kept.
func passing() map[string]string {
	return map[string]string{
		"leases":         "they belong to nodes that run",
		"login_sessions": "people log in again",
	}
}

// kept lists the tables that are in a backup.
func kept() []store.Table {
	return slices.DeleteFunc(store.Tables(), func(t store.Table) bool { return passing()[t.Name] != "" })
}

// Header says what a backup is, at its beginning.
type Header struct {
	Format    int       `json:"format"`
	CreatedAt time.Time `json:"created_at"`
	Cordon    string    `json:"cordon"` // version of the program
	Schema    int       `json:"schema"` // version of the database's schema
	Keys      []string  `json:"keys"`   // files of keys that are in it, sealed
	Tables    []table   `json:"tables"`
}

type table struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns"`
}

// Manifest says what is in a backup, at its end.
type Manifest struct {
	Members []member         `json:"members"`
	Rows    map[string]int64 `json:"rows"` // by table
}

type member struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

func newHeader(version string, now time.Time, keys []string) Header {
	h := Header{Format: Format, CreatedAt: now.UTC().Truncate(time.Second), Cordon: version, Schema: store.SchemaVersion(), Keys: append([]string{}, keys...)}
	for _, t := range kept() {
		h.Tables = append(h.Tables, table{t.Name, columnNames(t)})
	}
	return h
}

func columnNames(t store.Table) (names []string) {
	for _, c := range t.Columns {
		names = append(names, c.Name)
	}
	return names
}

// check says whether this version can read a backup.
func (h Header) check() error {
	switch {
	case h.Format < 1:
		return damaged("its header names no format")
	case h.Format > Format:
		return fmt.Errorf("the backup has format %d, this version of Cordon reads %d: use Cordon %s or newer", h.Format, Format, h.Cordon)
	case h.Schema != store.SchemaVersion():
		return fmt.Errorf("the backup was made with schema version %d by Cordon %s, this version has %d: restore it with Cordon %s, then upgrade", h.Schema, h.Cordon, store.SchemaVersion(), h.Cordon)
	}
	want := newHeader("", time.Time{}, nil).Tables
	if !slices.EqualFunc(h.Tables, want, func(a, b table) bool { return a.Name == b.Name && slices.Equal(a.Columns, b.Columns) }) {
		return damaged("its tables are not those of schema version %d", h.Schema)
	}
	return nil
}

// encodeRow writes a row as a line of JSON: bytes in base64, times in RFC 3339.
func encodeRow(row []any) ([]byte, error) {
	values := make([]any, len(row))
	for i, v := range row {
		values[i] = v
		switch v := v.(type) {
		case []byte:
			values[i] = base64.StdEncoding.EncodeToString(v)
		case time.Time:
			values[i] = v.Format(time.RFC3339Nano)
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(values); err != nil {
		return nil, fmt.Errorf("encoding a row: %w", err)
	}
	return b.Bytes(), nil
}

// decodeRow reads what encodeRow wrote.
func decodeRow(line []byte, t store.Table) ([]any, error) {
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	var values []any
	if err := d.Decode(&values); err != nil || len(values) != len(t.Columns) {
		return nil, damaged("a row of table %s cannot be read", t.Name)
	}
	for i, c := range t.Columns {
		v, err := decodeValue(values[i], c)
		if err != nil {
			return nil, damaged("column %s of a row of table %s: %v", c.Name, t.Name, err)
		}
		values[i] = v
	}
	return values, nil
}

func decodeValue(v any, c store.Column) (any, error) {
	if v == nil {
		if !c.Null {
			return nil, errors.New("there is no value")
		}
		return nil, nil
	}
	switch c.Kind {
	case "int", "rank":
		return number(v, json.Number.Int64)
	case "real":
		return number(v, json.Number.Float64)
	case "bool":
		return as[bool](v)
	}
	text, err := as[string](v)
	if err != nil {
		return nil, err
	}
	switch c.Kind {
	case "bytes":
		return base64.StdEncoding.DecodeString(text)
	case "time":
		return time.Parse(time.RFC3339Nano, text)
	}
	return text, nil
}

func number[T any](v any, read func(json.Number) (T, error)) (any, error) {
	n, ok := v.(json.Number)
	if !ok {
		return nil, fmt.Errorf("it is %T, not a number", v)
	}
	return read(n)
}

func as[T any](v any) (T, error) {
	t, ok := v.(T)
	if !ok {
		return t, fmt.Errorf("it is %T, not %T", v, t)
	}
	return t, nil
}
