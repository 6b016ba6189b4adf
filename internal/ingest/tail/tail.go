// Package tail makes records of log files. It is given a Follower, which reads a
// file through its rotations, puts its pieces together to lines, has a parser read
// them, and remembers a position only when the records before it are durable. So
// a crash loses no line: some may be read again, and give records with the same
// ids.
//
// A line whose end does not come is read as it is, since the program may have died
// while it wrote: a Follower delivers one when it has not grown for a while. When
// more of it comes, the whole line is read, and what it tells of a second time is
// left out.
//
// Level 2: it may import ingest/parse, internal/clock, and the standard
// library. The leak sensor, which has such a Follower, it does not know:
// internal/app hands it over.
package tail

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/ingest/parse"
)

// MaxLine bounds a line, in bytes. What is longer is left out, and counted.
const MaxLine = 128 << 10

// mostSeen is how much of what was delivered before a Follower shows again, in
// bytes. Where it shows so much, the beginning of the line may be missing.
const mostSeen = 64 << 10

// Piece is some text of a log. The first Seen bytes of Data were in an earlier
// piece: they show how the line began that goes on behind them.
type Piece struct {
	Data []byte
	Seen int
}

// Batch is what a Follower read at once, and the position behind it. What it could
// not read it says in Losses.
type Batch struct {
	Pieces   []Piece
	Losses   []string
	Position json.RawMessage
}

// Follower reads a log and what is added to it.
type Follower interface {
	// Follow delivers what lies behind a position (nil: all) until ctx ends. On an
	// error of deliver it stops and returns that.
	Follow(ctx context.Context, from json.RawMessage, deliver func(context.Context, Batch) error) error
}

// Positions remember how far logs were read.
type Positions interface {
	// Load returns what was saved last; nil: nothing.
	Load(name string) (json.RawMessage, error)
	// Save returns once the position is durable.
	Save(name string, position json.RawMessage) error
}

// Options are what a Tail works with. All but the last three are mandatory.
type Options struct {
	Name      string // of the log, for positions and people
	Follower  Follower
	Positions Positions
	Plugins   []parse.Plugin
	Recorder  parse.Recorder
	Clock     clock.Clock    // If nil, the machine's.
	Zone      *time.Location // Of times without one. If nil, the machine's.
	Log       *slog.Logger   // If nil, discards.
}

// Tail follows one log file. Run may be called again after it has returned.
type Tail struct{ o Options }

// New makes a Tail. Nothing is opened before Run.
func New(o Options) *Tail {
	if o.Clock == nil {
		o.Clock = clock.Real{}
	}
	if o.Zone == nil {
		o.Zone = time.Local
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Tail{o}
}

// Run makes records until ctx ends, or something fails; then the next run goes on
// behind what is durable.
func (t *Tail) Run(ctx context.Context) error {
	from, err := t.o.Positions.Load(t.o.Name)
	if err != nil {
		return fmt.Errorf("following log %s: %w", t.o.Name, err)
	}
	r := &run{Options: t.o, reader: parse.NewReader(t.o.Plugins), anchor: sha256.Sum256(from)}
	err = t.o.Follower.Follow(ctx, from, r.deliver)
	if err != nil && !(ctx.Err() != nil && errors.Is(err, ctx.Err())) {
		return fmt.Errorf("following log %s: %w", t.o.Name, err)
	}
	return nil
}

// run is one Run. Records are named after the position that was saved last, and
// their number behind it: after a crash the same lines follow it again.
type run struct {
	Options
	reader *parse.Reader
	anchor [sha256.Size]byte
	number uint64
}

func (r *run) deliver(ctx context.Context, b Batch) error {
	now := r.Clock.Now().In(r.Zone)
	for _, why := range b.Losses {
		r.Log.Warn("a part of a log could not be read", "log", r.Name, "reason", why)
	}
	var records []parse.Record
	for _, p := range b.Pieces {
		for line := range r.lines(p) {
			records = r.named(r.read(records, line, now), len(records))
			if len(records) < parse.MaxBatch {
				continue
			}
			if err := r.record(ctx, records); err != nil {
				return err
			}
			records = records[:0]
		}
	}
	if err := r.record(ctx, records); err != nil {
		return err
	}
	if err := r.Positions.Save(r.Name, b.Position); err != nil {
		return err
	}
	r.anchor, r.number = sha256.Sum256(b.Position), 0
	return nil
}

func (r *run) record(ctx context.Context, records []parse.Record) error {
	for batch := range slices.Chunk(records, parse.MaxBatch) {
		if err := r.Recorder.Record(ctx, slices.Clone(batch)); err != nil {
			return fmt.Errorf("recording: %w", err)
		}
	}
	return nil
}

// named gives the records from the given place on their ids.
func (r *run) named(records []parse.Record, from int) []parse.Record {
	for i := from; i < len(records); i++ {
		sum := sha256.Sum256(fmt.Appendf(nil, "%d %x %s", r.number, r.anchor, r.Name))
		records[i].ID = hex.EncodeToString(sum[:16])
		r.number++
	}
	return records
}

// line is a line of a log, or what there is of it. Its first told bytes were read
// before, when its end had not come.
type line struct {
	text []byte
	told int
}

// read appends what a line tells of and was not told already.
func (r *run) read(dst []parse.Record, l line, now time.Time) []parse.Record {
	before := len(dst)
	dst = r.reader.Read(dst, l.text, now)
	if l.told == 0 {
		return dst
	}
	known := parse.NewReader(r.Plugins).Read(nil, l.text[:l.told], now)
	same := 0
	for same < min(len(known), len(dst)-before) && sameDeed(known[same], dst[before+same]) {
		same++
	}
	return slices.Delete(dst, before, before+same)
}

// sameDeed says that what a cut line tells of is what the whole line tells of. Where the
// cut went through the address or the name, the whole line tells of somebody else.
func sameDeed(cut, whole parse.Record) bool {
	return cut.Kind == whole.Kind && cut.SourceIP == whole.SourceIP && cut.User == whole.User
}

// lines yields the lines that end in a piece, and the beginning of one whose end is
// not written yet.
func (r *run) lines(p Piece) func(func(line) bool) {
	return func(yield func(line) bool) {
		at := bytes.LastIndexByte(p.Data[:p.Seen], '\n') + 1
		cut := at == 0 && p.Seen >= mostSeen
		for from := p.Seen; from < len(p.Data); {
			end, whole := bytes.IndexByte(p.Data[from:], '\n')+from, true
			if end < from {
				end, whole = len(p.Data), false
			}
			l := line{p.Data[at:end], max(0, p.Seen-at)}
			switch {
			case cut || len(l.text) > MaxLine:
				r.tooLong(whole)
			case !yield(l):
				return
			}
			at, from, cut = end+1, end+1, false
		}
	}
}

// tooLong says that a line was left out, once its end has come.
func (r *run) tooLong(whole bool) {
	if whole {
		r.Log.Warn("a line of a log is too long and was left out", "log", r.Name, "most_bytes", MaxLine)
	}
}
