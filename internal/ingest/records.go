package ingest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/turns"
)

// The bounds of records. A text that is longer is cut, never refused: whoever chooses
// it could keep a whole batch from being taken.
const (
	MaxRecords    = 1_000   // of a batch
	MaxRecordID   = 128     // bytes of an id
	MaxAttributes = 16      // of a record
	MaxName       = 64      // bytes of an attribute's name
	mostUser      = 256     // bytes of a user that are kept
	mostValue     = 1 << 10 // likewise of an attribute's value
	mostLooked    = 4 << 10 // bytes of a text in which secrets are looked for, before it is cut
	leastSecret   = 8       // bytes: what is shorter holds no secret
)

// packSize is how many bytes of records go into one event, about.
const packSize = 48 << 10

// recordSize is how many bytes a record is taken to have before it is written.
const recordSize = 192

// TakeRecords stores what other programs saw, as Take stores events: all or nothing,
// and once for each key. A batch without a key whose records all have ids is known by
// those; one with neither is stored as often as it comes. The error is *Refused for a
// batch that cannot be taken, spool.ErrFull when there is no room for it.
func (i *Intake) TakeRecords(ctx context.Context, key string, records []event.SecurityRecord) (spooled bool, err error) {
	if len(records) == 0 || len(records) > MaxRecords {
		return false, &Refused{-1, fmt.Sprintf("a batch has 1 to %d records, not %d", MaxRecords, len(records))}
	}
	fitted := make([]event.SecurityRecord, 0, len(records))
	for n, r := range records {
		turns.Give(n)
		if fitted, err = fit(fitted, r, i.deps.Redact); err != nil {
			return false, &Refused{n, i.deps.Redact(err.Error())}
		}
	}
	batch, err := i.pack(batchName(key, fitted), fitted)
	if err != nil {
		return false, err
	}
	return i.keep(ctx, batch)
}

// fit appends a record as it is kept, behind what else it shows.
func fit(dst []event.SecurityRecord, r event.SecurityRecord, redact func(string) string) ([]event.SecurityRecord, error) {
	for _, more := range beyond(r, redact) {
		fitted, err := Fit(more, redact)
		if err != nil {
			return dst, err
		}
		dst = append(dst, fitted)
	}
	fitted, err := Fit(r, redact)
	return append(dst, fitted), err
}

// Fit is a record as TakeRecords keeps it: within its bounds, without secrets. The error
// says why it is not taken.
func Fit(r event.SecurityRecord, redact func(string) string) (event.SecurityRecord, error) {
	if !slices.Contains(event.RecordKinds(), r.Kind) {
		return r, fmt.Errorf("kind %.64q is not one of %s", r.Kind, strings.Join(event.RecordKinds(), ", "))
	}
	if r.ID = strings.ToValidUTF8(r.ID, "\uFFFD"); len(r.ID) > MaxRecordID {
		return r, fmt.Errorf("id: %d bytes are more than %d", len(r.ID), MaxRecordID)
	}
	var err error
	if r.SourceIP, err = plainAddress(r.SourceIP); err != nil {
		return r, err
	}
	if r.Attributes, err = fitAttributes(r.Attributes, redact); err != nil {
		return r, err
	}
	r.Time = r.Time.UTC().Truncate(time.Microsecond)
	r.User = shorten(r.User, mostUser, redact)
	if redact(r.ID) != r.ID { // equal ids stay equal
		r.ID = fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(r.ID)))
	}
	return r, nil
}

// fitAttributes are attributes as they are kept: those given, if nothing of them has to
// be changed; nil, if there are none.
func fitAttributes(given map[string]string, redact func(string) string) (map[string]string, error) {
	if len(given) == 0 {
		return nil, nil
	}
	if len(given) > MaxAttributes {
		return nil, fmt.Errorf("attributes: %d are more than %d", len(given), MaxAttributes)
	}
	if fits(given, redact) {
		return given, nil
	}
	kept := make(map[string]string, len(given))
	for _, as := range slices.Sorted(maps.Keys(given)) {
		name := strings.ToValidUTF8(as, "\uFFFD")
		if !fitName(name, redact) {
			return nil, fmt.Errorf("attributes: a name has 1 to %d bytes, and is no secret", MaxName)
		}
		kept[name] = shorten(given[as], mostValue, redact)
	}
	return kept, nil
}

// fits reports whether attributes are kept as they are.
func fits(given map[string]string, redact func(string) string) bool {
	for name, value := range given {
		if !utf8.ValidString(name) || !fitName(name, redact) || shorten(value, mostValue, redact) != value {
			return false
		}
	}
	return true
}

func fitName(name string, redact func(string) string) bool {
	return name != "" && len(name) <= MaxName && (len(name) < leastSecret || redact(name) == name)
}

// plainAddress is an address without a port or zone.
func plainAddress(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	if ap, err := netip.ParseAddrPort(s); err == nil {
		s = ap.Addr().String()
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return "", fmt.Errorf("source_ip %.64q is not an address such as 203.0.113.9 or 2001:db8::1; leave it out if it is not known", s)
	}
	return a.Unmap().WithZone("").String(), nil
}

// shorten is a text without secrets and of bounded length. They are looked for in more
// than is kept, so that none is missed for being cut in two.
func shorten(text string, most int, redact func(string) string) string {
	if len(text) > mostLooked {
		text = text[:mostLooked]
	}
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) >= leastSecret {
		text = redact(text)
	}
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "")
	}
	return text
}

// batchName is what a batch is known by; empty: by nothing.
func batchName(key string, records []event.SecurityRecord) string {
	if key != "" {
		return "key " + key
	}
	h := sha256.New()
	for _, r := range records {
		if r.ID == "" {
			return ""
		}
		fmt.Fprintf(h, "%s %d %s\n", r.Kind, len(r.ID), r.ID)
	}
	return fmt.Sprintf("ids %x", h.Sum(nil))
}

// pack puts records into as few events as may be.
func (i *Intake) pack(name string, records []event.SecurityRecord) ([]event.Event, error) {
	var batch []event.Event
	now := i.deps.Now()
	for len(records) > 0 {
		data, n, err := encode(records)
		if err != nil {
			return nil, err
		}
		e, err := event.Wrap(event.Header{Time: now, Source: i.deps.Node, Subject: fmt.Sprintf("%d records", n)}, event.RecordsReceived{}, data)
		if err != nil {
			return nil, err
		}
		if name != "" {
			e.ID = packID(name, len(batch))
		}
		batch, records = append(batch, e), records[n:]
	}
	return batch, nil
}

// encode writes as many of the first records as fit into one event, one at least, as
// event.RecordsReceived is written.
func encode(records []event.SecurityRecord) (data []byte, n int, err error) {
	var out bytes.Buffer
	out.Grow(min(packSize, len(records)*recordSize) + packSize/8)
	out.WriteString(`{"records":[`)
	each := json.NewEncoder(&out)
	for size := 0; n < len(records); n++ {
		turns.Give(n)
		before := out.Len()
		if err := each.Encode(&records[n]); err != nil {
			return nil, 0, fmt.Errorf("encoding record: %w", err)
		}
		if size += out.Len() - before; n > 0 && size > packSize {
			out.Truncate(before)
			break
		}
		out.Bytes()[out.Len()-1] = ',' // in place of the end of the line
	}
	out.Bytes()[out.Len()-1] = ']'
	out.WriteByte('}')
	return out.Bytes(), n, nil
}

// packID makes the same UUIDv7 for the same part of the same batch; its time says
// nothing.
func packID(name string, n int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "records %d %s", n, name))
	return id.From(time.Unix(0, 0), [10]byte(sum[:10]))
}
