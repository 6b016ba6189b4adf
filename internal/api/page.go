package api

import (
	"encoding/base64"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/leak"
)

// maxPageRows is the most rows of a page: the maximum of PageQuery.Limit.
const maxPageRows = 500

// PageQuery is the part of a query that every list has.
type PageQuery struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"50" doc:"How many items a page has."`
	Cursor string `query:"cursor" maxLength:"128" doc:"The next_cursor of the page before. Opaque."`
}

var errCursor = errors.New("is not a next_cursor of this list; leave it out for the first page")

// page reads the cursor of a list of the given kind. One row more than asked
// for is fetched, to know whether there is a next page.
func (q PageQuery) page(kind string) (leak.Page, error) {
	p := leak.Page{Limit: q.Limit + 1}
	if q.Cursor == "" {
		return p, nil
	}
	after, err := decodeCursor(kind, q.Cursor)
	if err != nil {
		return leak.Page{}, invalid("query.cursor", err.Error())
	}
	p.After = after
	return p, nil
}

// encodeCursor makes the opaque name of a place in a list: behind the row with
// this id.
func encodeCursor(kind, rowID string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(kind + ":" + rowID))
}

// decodeCursor returns the row's id of a cursor of this kind of list.
func decodeCursor(kind, cursor string) (string, error) {
	rowID, err := placeIn(kind, cursor)
	if err != nil || id.Check(rowID) != nil {
		return "", errCursor
	}
	return rowID, nil
}

// placeIn returns what encodeCursor was given.
func placeIn(kind, cursor string) (string, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	place, ours := strings.CutPrefix(string(b), kind+":")
	if err != nil || !ours || encodeCursor(kind, place) != cursor {
		return "", errCursor
	}
	return place, nil
}

// numberCursor makes the opaque name of a place in a list: before the row with this
// number.
func numberCursor(kind string, number int64) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%s:%d", kind, number))
}

// numberOf returns the number of such a cursor; 0 for the first page.
func numberOf(kind, cursor string) (int64, error) {
	if cursor == "" {
		return 0, nil
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	text, ours := strings.CutPrefix(string(b), kind+":")
	number, numErr := strconv.ParseInt(text, 10, 64)
	if err != nil || !ours || numErr != nil || number < 1 || numberCursor(kind, number) != cursor {
		return 0, invalid("query.cursor", "is not a next_cursor of this list; leave it out for the first page")
	}
	return number, nil
}

// nextPage cuts the extra row off and returns the cursor behind what is left.
func nextPage[T any](kind string, limit int, rows []T, rowID func(T) string) ([]T, *string) {
	if len(rows) <= limit {
		return rows, nil
	}
	rows = rows[:limit]
	next := encodeCursor(kind, rowID(rows[limit-1]))
	return rows, &next
}

// convert maps a list; the answer is never null.
func convert[A, B any](in []A, f func(A) B) []B {
	out := make([]B, 0, len(in))
	for _, v := range in {
		out = append(out, f(v))
	}
	return out
}

// severities reads names that the schema has already checked.
func severities(names []string) ([]event.Severity, error) {
	var out []event.Severity
	for _, n := range names {
		s, err := event.ParseSeverity(n)
		if err != nil {
			return nil, invalid("query.severity", err.Error())
		}
		out = append(out, s)
	}
	return out, nil
}

// Optional is a query parameter whose absence means something.
type Optional[T any] struct {
	Value T
	Set   bool
}

// Schema implements huma.SchemaProvider.
func (Optional[T]) Schema(r huma.Registry) *huma.Schema {
	return huma.SchemaFromType(r, reflect.TypeFor[T]())
}

// Receiver implements huma.ParamWrapper.
func (o *Optional[T]) Receiver() reflect.Value { return reflect.ValueOf(o).Elem().Field(0) }

// OnParamSet implements huma.ParamReactor.
func (o *Optional[T]) OnParamSet(set bool, _ any) { o.Set = set }

// pointer is the value, or nil when it was not given.
func (o Optional[T]) pointer() *T {
	if !o.Set {
		return nil
	}
	return &o.Value
}
