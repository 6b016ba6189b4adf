package parse

import "time"

// Parser makes a record of what one program logs. It may remember the last
// messages of that log, within bounds, and belongs to one goroutine.
type Parser interface {
	// Parse says what a message tells of and how many times it happened; 0 when
	// it tells of nothing, or is another program's. The record has a Time where
	// the text has one of its own, and always a map of Attributes.
	Parse(m Message) (r Record, times int)
}

// Plugin is a parser by its name.
type Plugin struct {
	Name string // as the configuration names it
	New  func() Parser
}

// Reader makes records of the lines of one log. It is for one goroutine.
type Reader struct{ parsers []Parser }

// NewReader makes a reader of a log that holds lines of these programs.
func NewReader(plugins []Plugin) *Reader {
	r := &Reader{}
	for _, p := range plugins {
		r.parsers = append(r.parsers, p.New())
	}
	return r
}

// Read appends the records that a line stands for; none when no parser knows it.
// The first parser that does has it.
func (r *Reader) Read(dst []Record, line []byte, received time.Time) []Record {
	m := Split(string(line), received)
	text, times := repeated(m.Text)
	m.Text = text
	for _, p := range r.parsers {
		record, n := p.Parse(m)
		if n <= 0 {
			continue
		}
		if record.Time.IsZero() {
			record.Time = m.Time
		}
		if record.Time.After(received) {
			record.Time = received // a clock that is ahead, or a forged time
		}
		record.Attributes[Host] = m.Host
		record = record.tidied()
		for range min(min(n, MaxTimes)*times, MaxTimes) {
			dst = append(dst, record)
		}
		return dst
	}
	return dst
}
