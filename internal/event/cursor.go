package event

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Cursor is a place in the event log: the UTC day whose partition holds the
// event and its sequence number. Numbers grow in the order of commits and are
// never reused; the zero Cursor stands before the first event.
type Cursor struct {
	Day string // 2006-01-02, empty before the first event
	Seq int64
}

// Record is an event together with its place in the log.
type Record struct {
	Cursor Cursor
	Event  Event
}

// String writes the cursor as day/seq, the form of SSE's event ids.
func (c Cursor) String() string {
	if c == (Cursor{}) {
		return ""
	}
	return c.Day + "/" + strconv.FormatInt(c.Seq, 10)
}

// ParseCursor reads what String wrote; the empty string is the zero Cursor.
func ParseCursor(s string) (Cursor, error) {
	if s == "" {
		return Cursor{}, nil
	}
	day, num, _ := strings.Cut(s, "/")
	seq, err := strconv.ParseInt(num, 10, 64)
	c := Cursor{Day: day, Seq: seq}
	if err != nil || seq < 0 || c.String() != s { // one place has one name: no +42, no 042
		return Cursor{}, fmt.Errorf("cursor %q is not of the form 2006-01-02/42", s)
	}
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return Cursor{}, fmt.Errorf("cursor %q does not begin with a day such as 2006-01-02", s)
	}
	return c, nil
}
