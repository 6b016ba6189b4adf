package tail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/ingest/parse"
)

// echo is a parser that makes a record of each line that ends so, its text the
// user's name.
func echo(end string) []parse.Plugin {
	return []parse.Plugin{{Name: "echo", New: func() parse.Parser { return echoes(end) }}}
}

type echoes string

func (end echoes) Parse(m parse.Message) (parse.Record, int) {
	if !strings.HasSuffix(m.Text, string(end)) {
		return parse.Record{}, 0
	}
	return parse.Record{Kind: parse.AuthFailed, User: m.Text, Attributes: map[string]string{}}, 1
}

// book is a Recorder that fails when it has so many records.
type book struct {
	all  []parse.Record
	full int // 0: never
	most int
}

var errFull = errors.New("the book is full")

func (b *book) Record(_ context.Context, batch []parse.Record) error {
	if b.most = max(b.most, len(batch)); b.full > 0 && len(b.all) >= b.full {
		return errFull
	}
	b.all = append(b.all, batch...)
	return nil
}

func (b *book) users() (out []string) {
	for _, r := range b.all {
		out = append(out, r.User)
	}
	return out
}

// script is a Follower that delivers what is written down, a batch for each
// group of pieces, from the position on.
type script [][]Piece

func (s script) Follow(ctx context.Context, from json.RawMessage, deliver func(context.Context, Batch) error) error {
	begin := 0
	if from != nil {
		if err := json.Unmarshal(from, &begin); err != nil {
			return err
		}
	}
	for n := begin; n < len(s); n++ {
		if err := deliver(ctx, Batch{Pieces: s[n], Position: json.RawMessage(fmt.Sprint(n + 1))}); err != nil {
			return err
		}
	}
	return nil
}

func follow(t *testing.T, s Follower, b *book, dir string, end string) error {
	t.Helper()
	return New(Options{
		Name: "auth", Follower: s, Positions: Folder(dir), Plugins: echo(end), Recorder: b,
	}).Run(t.Context())
}

func piece(seen, rest string) Piece { return Piece{[]byte(seen + rest), len(seen)} }

func TestLinesOfPieces(t *testing.T) {
	long := strings.Repeat("x", MaxLine)
	tests := map[string]struct {
		pieces []Piece
		want   []string
	}{
		"whole lines":                   {[]Piece{piece("", "a\nb\r\n\n")}, []string{"a", "b", ""}},
		"with what was before":          {[]Piece{piece("y\nz\n", "a\nb\n")}, []string{"a", "b"}},
		"an end that comes later":       {[]Piece{piece("", "a\nb"), piece("b", "c\nd\n")}, []string{"a", "b", "bc", "d"}},
		"an end that comes much later":  {[]Piece{piece("", "a"), piece("a", "b"), piece("ab", "\n")}, []string{"a", "ab"}},
		"the end alone":                 {[]Piece{piece("", "y\na"), piece("y\na", "\n")}, []string{"y", "a"}},
		"the end and more lines":        {[]Piece{piece("", "a"), piece("a", "\nb\n")}, []string{"a", "b"}},
		"the end with a return":         {[]Piece{piece("", "a\r"), piece("a\r", "\n")}, []string{"a"}},
		"no end":                        {[]Piece{piece("", "a")}, []string{"a"}},
		"no end, too long":              {[]Piece{piece("", long+"x"), piece(long[:mostSeen], "\nb\n")}, []string{"b"}},
		"the longest line":              {[]Piece{piece("", long+"\nb\n")}, []string{long[:parse.MaxUser], "b"}},
		"a line that is too long":       {[]Piece{piece("", long+"x\nb\n")}, []string{"b"}},
		"a line without its beginning":  {[]Piece{piece(long[:mostSeen], "x\nb\n")}, []string{"b"}},
		"nothing new":                   {[]Piece{piece("a\nb", "")}, nil},
		"a line of which much was seen": {[]Piece{piece("", long[:mostSeen-1]), piece(long[:mostSeen-1], "x\nb\n")}, []string{long[:parse.MaxUser], "b"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := &book{}
			if err := follow(t, script{tt.pieces}, b, t.TempDir(), ""); err != nil {
				t.Fatal(err)
			}
			if got := b.users(); !slices.Equal(got, tt.want) {
				t.Errorf("%.80q", got)
			}
		})
	}
}

// A program dies while it writes: what there is of its last line is read, and stays
// read when it is started again and ends the line with its first one, in another run
// of ours, too.
func TestTheLastLineOfAProgramThatDied(t *testing.T) {
	for name, tt := range map[string]struct {
		end  string // of lines that the parser knows
		then []Piece
		want []string
	}{
		"nothing follows":          {"", nil, []string{"a", "b"}},
		"its end follows":          {"", []Piece{piece("a\nb", "\nc\n")}, []string{"a", "b", "c"}},
		"the rest follows":         {"", []Piece{piece("a\nb", "!\n")}, []string{"a", "b", "b!"}},
		"what there was told none": {"!", []Piece{piece("a\nb", "!"), piece("a\nb!", "\n")}, []string{"b!"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir, b := t.TempDir(), &book{}
			for _, s := range []script{{{piece("", "a\nb")}}, {{piece("", "a\nb")}, tt.then}} {
				if err := follow(t, s, b, dir, tt.end); err != nil {
					t.Fatal(err)
				}
			}
			if got := b.users(); !slices.Equal(got, tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// A line that stands for several records is told of once, wherever it was cut.
func TestALineOfManyRecordsIsToldOnce(t *testing.T) {
	const many = "Nov 22 07:50:09 web-1 x: message repeated 3 times: [ anna]"
	for cut := range len(many) + 1 {
		b := &book{}
		if err := follow(t, script{{piece("", many[:cut])}, {piece(many[:cut], many[cut:]+"\n")}}, b, t.TempDir(), "anna"); err != nil {
			t.Fatal(err)
		}
		if got := b.users(); !slices.Equal(got[max(0, len(got)-3):], []string{"anna", "anna", "anna"}) || len(got) > 4 {
			t.Errorf("cut at %d: %q", cut, got)
		}
	}
}

// However a log is cut into pieces and batches, and wherever the reading fails
// and begins again, each line is a record of its own, and a line that is recorded
// twice has one id.
func TestNoLineIsLostOrTakenForAnother(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 0))
		var text strings.Builder
		var want []string
		for n := range 700 {
			want = append(want, fmt.Sprint(n, strings.Repeat("-", r.IntN(5)), "!"))
			text.WriteString(want[n] + "\n")
		}
		s, dir, b := cut(r, text.String()), t.TempDir(), &book{}
		for err := error(errFull); err != nil; {
			b.full = len(b.all) + 1 + r.IntN(1500)
			if err = follow(t, s, b, dir, "!"); err != nil && !errors.Is(err, errFull) {
				t.Fatal(err)
			}
		}
		var got []string
		byID := map[string]string{}
		for _, record := range b.all {
			if user, known := byID[record.ID]; known && user != record.User {
				t.Fatalf("seed %d: %q and %q have one id", seed, user, record.User)
			} else if !known {
				got = append(got, record.User)
			}
			byID[record.ID] = record.User
		}
		if !slices.Equal(got, want) || b.most > parse.MaxBatch {
			t.Fatalf("seed %d: %d records of %d lines, batches of up to %d", seed, len(got), len(want), b.most)
		}
	}
}

// cut cuts a text into pieces, as a Follower does: each shows some of what was
// before, all of a line that goes on.
func cut(r *rand.Rand, text string) (s script) {
	for at := 0; at < len(text); {
		var pieces []Piece
		for range r.IntN(3) {
			end := min(len(text), at+r.IntN(2000))
			begin := max(0, strings.LastIndexByte(text[:at], '\n')+1-r.IntN(100))
			pieces = append(pieces, piece(text[begin:at], text[at:end]))
			at = end
		}
		s = append(s, pieces)
	}
	return s
}

func TestADamagedPositionIsNotGuessed(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "auth.json"), []byte(`{"n`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := follow(t, script{}, &book{}, dir, ""); err == nil || !strings.Contains(err.Error(), "remove it") {
		t.Errorf("error %v", err)
	}
}

// A position that cannot be saved stops the reading: going on would record the
// lines again, under other names, after every restart.
func TestAPositionThatCannotBeSaved(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	err := New(Options{
		Name: "auth", Follower: script{{piece("", "a\n")}}, Positions: unwritable{Folder(dir)}, Plugins: echo(""),
		Recorder: &book{}, Log: slog.New(slog.DiscardHandler),
	}).Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "saving position") {
		t.Errorf("error %v", err)
	}
}

// unwritable is a folder in which nothing was saved, and nothing can be.
type unwritable struct{ Folder }

func (unwritable) Load(string) (json.RawMessage, error) { return nil, nil }
