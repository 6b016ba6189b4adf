package anomaly

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// MaxLine is the longest line of a record, in bytes.
const MaxLine = 1 << 20

// ReadRecords reads records as POST /api/v1/events takes them, one JSON object a line.
// Empty lines are nothing. The error names the line.
func ReadRecords(in io.Reader) ([]event.SecurityRecord, error) {
	var out []event.SecurityRecord
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, MaxLine)
	line := 1
	for ; lines.Scan(); line++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		r, err := readRecord(lines.Bytes())
		if err != nil {
			return nil, fmt.Errorf("line %d: it is no record: %w", line, err)
		}
		out = append(out, r)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("line %d: %w", line, err)
	}
	return out, nil
}

func readRecord(line []byte) (r event.SecurityRecord, err error) {
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return r, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return r, errors.New("something follows the JSON object")
	}
	if !slices.Contains(event.RecordKinds(), r.Kind) {
		return r, fmt.Errorf("kind %.64q is not one of %s", r.Kind, strings.Join(event.RecordKinds(), ", "))
	}
	return r, nil
}

// Timed gives every record a time, for those that were not received: one without is as
// late as the one before it, the first as late as the first that has one, or now.
func Timed(records []event.SecurityRecord, now time.Time) {
	at := now.UTC()
	if i := slices.IndexFunc(records, func(r event.SecurityRecord) bool { return !r.Time.IsZero() }); i >= 0 {
		at = records[i].Time
	}
	for i := range records {
		if records[i].Time.IsZero() {
			records[i].Time = at
		}
		at = records[i].Time
	}
}
