package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/event"
)

// What one search costs at most. The log has no index but that of its numbers, for
// appending is what it must be good at: a search reads it backwards, and gives up.
const (
	findSpan  = 50_000  // events that it looks at, if Options does not say
	findChunk = 256     // rows in one statement
	findBytes = 4 << 20 // of envelopes that it returns, if they are more than one
)

// lateness is how long after it happened an event is recorded at the latest, for a
// search that ends at a time, and how far clocks may differ.
const lateness = time.Hour

// Event returns the event with an id. The error is event.ErrNotFound when there is none.
func (s *Store) Event(ctx context.Context, id string) (event.Record, error) {
	var row eventRow
	err := s.read.NewSelect().Model(&row).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return event.Record{}, event.ErrNotFound
	}
	if err != nil {
		return event.Record{}, fmt.Errorf("reading event %s: %w", id, explain(err))
	}
	rec, _, err := s.record(row)
	return rec, err
}

// FindEvents looks backwards through the log for events that pass f, from the one before
// the number before; 0 begins with the newest. It returns at most limit of them, and
// fewer when it has looked at Options.FindSpan events: Found.Next says where to go on. What was
// recorded more than an hour after it happened may be missed by a search with an Until.
func (s *Store) FindEvents(ctx context.Context, f event.Filter, before int64, limit int) (event.Found, error) {
	found, err := s.findEvents(ctx, f, before, min(max(limit, 1), maxEvents))
	if err != nil {
		return event.Found{}, fmt.Errorf("searching the event log: %w", explain(err))
	}
	return found, nil
}

func (s *Store) findEvents(ctx context.Context, f event.Filter, before int64, limit int) (event.Found, error) {
	first, end, err := s.findRange(ctx, f, before)
	if err != nil || end <= first {
		return event.Found{}, err
	}
	search := search{log: s, filter: f, limit: limit, low: max(first, end-cmp.Or(s.opts.FindSpan, findSpan)), at: end}
	for search.goesOn() {
		if err := search.chunk(ctx); err != nil {
			return event.Found{}, err
		}
	}
	if search.at > first {
		search.found.Next = search.at
	}
	if search.found.Next > 0 && !search.full() {
		row, err := s.eventFrom(ctx, search.at)
		if err != nil {
			return event.Found{}, err
		}
		search.found.Back = row.Time.UTC()
	}
	return search.found, nil
}

// findRange is the first number that a search may come upon, and the one before which it
// begins. Days grow with the numbers, times nearly: an event's place may be behind those
// of later ones, by as long as it took to be recorded.
func (s *Store) findRange(ctx context.Context, f event.Filter, before int64) (first, end int64, err error) {
	row, err := s.eventFrom(ctx, 0)
	if err != nil || row.Seq == 0 {
		return 0, 0, err
	}
	head, err := readHead(ctx, s.read)
	if err != nil {
		return 0, 0, err
	}
	first, end = row.Seq, head.Seq+1
	if before > 0 {
		end = min(end, before)
	}
	if !f.Until.IsZero() {
		late := f.Until.Add(lateness)
		if end, err = s.bisect(ctx, first, end, func(r eventRow) bool { return r.Time.After(late) }); err != nil {
			return 0, 0, err
		}
	}
	if !f.Since.IsZero() {
		day := f.Since.Add(-lateness).UTC().Format(time.DateOnly)
		first, err = s.bisect(ctx, first, end, func(r eventRow) bool { return r.Day >= day })
	}
	return first, end, err
}

// bisect returns the first number from low whose event is past something, if all behind
// it are, too; end when none is.
func (s *Store) bisect(ctx context.Context, low, end int64, past func(eventRow) bool) (int64, error) {
	for low < end {
		middle := low + (end-low)/2
		row, err := s.eventFrom(ctx, middle)
		if err != nil {
			return 0, err
		}
		if row.Seq == 0 || row.Seq >= end || past(row) {
			end = middle
		} else {
			low = row.Seq + 1
		}
	}
	return low, nil
}

// eventFrom is the place of the first event with this number or a higher one; a row
// without a number when there is none.
func (s *Store) eventFrom(ctx context.Context, seq int64) (eventRow, error) {
	var row eventRow
	err := s.read.NewSelect().Model(&row).Column("seq", "day", "time").Where("seq >= ?", seq).Order("seq").Limit(1).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return eventRow{}, nil
	}
	return row, err
}

// tellable reports whether a time in UTC is in a year that every database knows.
func tellable(t time.Time) bool { return t.Year() >= 1000 && t.Year() <= 9999 }

// search is one look backwards through the log, down to the number low.
type search struct {
	log    *Store
	filter event.Filter
	limit  int
	low    int64
	at     int64 // what has this number or a higher one was looked at
	bytes  int   // of the envelopes found
	found  event.Found
}

func (s *search) goesOn() bool { return s.at > s.low && !s.full() }

func (s *search) full() bool { return len(s.found.Records) >= s.limit || s.bytes >= findBytes }

// chunk reads the next rows. What the database cannot tell of a row is judged here.
func (s *search) chunk(ctx context.Context) error {
	rows, err := s.query().Rows(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	n := 0
	for ; !s.full() && rows.Next(); n++ {
		var row eventRow
		if err := s.log.read.ScanRow(ctx, rows, &row); err != nil {
			return err
		}
		if err := s.take(row); err != nil {
			return err
		}
	}
	if n < findChunk && !s.full() {
		s.at = s.low // no row below is one
	}
	return rows.Err()
}

func (s *search) take(row eventRow) error {
	s.at = row.Seq
	r, err := row.head()
	if err != nil || !s.filter.Passes(r.Event) {
		return err
	}
	size, err := s.log.packer.unpack(&r.Event, row)
	if err != nil {
		return err
	}
	s.found.Records = append(s.found.Records, r)
	s.bytes += size
	return nil
}

// query selects rows that may pass the filter; the database need not hand over more.
func (s *search) query() *bun.SelectQuery {
	f := s.filter
	q := s.log.read.NewSelect().Model((*eventRow)(nil)).Where("seq < ?", s.at).Where("seq >= ?", s.low).OrderExpr("seq DESC").Limit(findChunk)
	if len(f.Severities) > 0 {
		q = q.Where("severity IN (?)", bun.In(f.Severities))
	}
	if since := f.Since.UTC(); tellable(since) {
		q = q.Where("time >= ?", since)
	}
	if until := f.Until.UTC(); tellable(until) {
		q = q.Where("time <= ?", until)
	}
	if len(f.Topics) > 0 {
		q = q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
			for _, p := range f.Topics {
				q = q.WhereOr("topic LIKE ?", likeTopic(p))
			}
			return q
		})
	}
	for _, text := range []string{f.Subject, f.CorrelationID} {
		if part := verbatim(text); part != "" {
			q = q.Where("LOWER(envelope) LIKE ?", "%"+likeText(part)+"%")
		}
	}
	return q
}

// likeTopic is a LIKE pattern that matches what the subscription pattern does, and more.
func likeTopic(pattern string) string {
	return strings.NewReplacer("*", "%", ">", "%", `\`, "_").Replace(pattern)
}

// likeText is a LIKE pattern that matches a text of ASCII in whatever case, and more:
// there are capitals beyond ASCII whose small letters are i and k (U+0130, U+212A), which
// not every database knows, and where it speaks Turkish not that of I.
func likeText(text string) string {
	return strings.NewReplacer("i", "_", "k", "_").Replace(strings.ToLower(text))
}

// verbatim is the longest part of a text that stands in JSON and in a LIKE pattern as it
// is; empty when there is none.
func verbatim(text string) (longest string) {
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return !strings.ContainsRune(verbatimRunes, r) }) {
		if len(part) > len(longest) {
			longest = part
		}
	}
	return longest
}

const verbatimRunes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,:;/=_@-()[]"

// record is what a row holds, and how many bytes its JSON has.
func (s *Store) record(r eventRow) (out event.Record, size int, err error) {
	if out, err = r.head(); err != nil {
		return event.Record{}, 0, err
	}
	size, err = s.packer.unpack(&out.Event, r)
	return out, size, err
}

// head is what a row holds, without data that is packed.
func (r eventRow) head() (event.Record, error) {
	out := event.Record{Cursor: event.Cursor{Day: r.Day, Seq: r.Seq}}
	if err := json.Unmarshal([]byte(r.Envelope), &out.Event); err != nil {
		return event.Record{}, fmt.Errorf("decoding event %s: %w", r.ID, err)
	}
	return out, nil
}
