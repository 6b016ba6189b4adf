package bzzzlog

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func noon() time.Time { return time.Date(2026, 3, 14, 12, 0, 0, 123456789, time.UTC) }

// theirs is an entry as the original project has it, and link computes the
// hash the way that does: encoding/json of the whole, two fields empty.
type theirs struct {
	Index     uint64         `json:"index"`
	Timestamp time.Time      `json:"timestamp"`
	Author    string         `json:"author"`
	Type      string         `json:"type"`
	Data      map[string]any `json:"data"`
	Hash      string         `json:"hash"`
	PrevHash  string         `json:"prev_hash"`
	Signature string         `json:"signature"`
}

func (e theirs) line(t testing.TB, head *string) []byte {
	t.Helper()
	e.PrevHash, e.Hash, e.Signature = *head, "", ""
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(text)
	e.Hash, e.Signature = hex.EncodeToString(sum[:]), "0123456789abcdef"
	*head = e.Hash
	text, _ = json.Marshal(e)
	return append(text, '\n')
}

func theirLog(t testing.TB, n int) []byte {
	var head string
	var log []byte
	for i := range n {
		e := theirs{Index: uint64(i), Timestamp: noon().In(time.FixedZone("", 3600)), Author: "12D3KooWExample", Type: "task_claimed",
			Data: map[string]any{"z": 1.5, "a": "<&>\u2028\n", "n": nil, "big": json.Number("12345678901234567890.10"), "deep": []any{map[string]any{"k": "v"}}}}
		if i%3 == 2 {
			e.Data = nil
		}
		log = append(log, e.line(t, &head)...)
	}
	return log
}

func TestAChainOfTheOriginalProjectVerifies(t *testing.T) {
	r := NewReader(bytes.NewReader(theirLog(t, 20)), Limits{})
	var c Chain
	for i := range 20 {
		e, err := r.Read()
		if err != nil {
			t.Fatalf("entry %d: %v", i, err)
		}
		if err := c.Check(e); err != nil {
			t.Errorf("entry %d: %v", i, err)
		}
		if e.Author != "12D3KooWExample" || e.Signature != "0123456789abcdef" || !e.Timestamp.Equal(noon()) {
			t.Errorf("entry %d is read as %+v", i, e)
		}
	}
	if _, err := r.Read(); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
}

func TestRawBytesAreHashedNotTheirMeaning(t *testing.T) {
	// No encoder of Go would write these values this way.
	const six = `"index":0,"timestamp":"2026-03-14T12:00:00.000+00:00","author":"\u0061","type":"x","data":{ "b":1.0e0, "a":"\/" },`
	forms := map[string]string{
		"with the empty members":    `{` + six + `"hash":"","prev_hash":"","signature":""}`,
		"without the empty members": `{` + six + `"prev_hash":""}`,
	}
	for name, preimage := range forms {
		sum := sha256.Sum256([]byte(preimage))
		line := fmt.Sprintf(` { "signature" : "s", "prev_hash":"", "hash" : "%x", %s "extra":1 }`, sum, strings.ReplaceAll(six, `,"`, ` ,  "`))
		e, err := ParseEntry([]byte(line), Limits{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := e.Verify(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEveryChangeOfAnEntryIsNoticed(t *testing.T) {
	line := theirLog(t, 1)
	for _, change := range [][2]string{
		{`"index":0`, `"index":1`}, {"2026", "2025"}, {"KooW", "KooX"}, {"claimed", "failed"}, {`"z":1.5`, `"z":1.50`},
		{`"prev_hash":""`, `"prev_hash":"00"`}, {`"n":null`, `"n": null`}, {`"hash":"`, `"hash":"0`},
	} {
		changed := bytes.Replace(line, []byte(change[0]), []byte(change[1]), 1)
		e, err := ParseEntry(changed, Limits{})
		if err != nil || bytes.Equal(changed, line) {
			t.Fatalf("%v: %v", change, err)
		}
		if err := e.Verify(); !errors.Is(err, ErrHash) {
			t.Errorf("%v: %v, want ErrHash", change, err)
		}
	}
}

func TestABreakOfTheChainIsReportedOnce(t *testing.T) {
	lines := bytes.SplitAfter(theirLog(t, 6), []byte("\n"))[:6]
	forged := bytes.Replace(lines[2], []byte("2026"), []byte("2020"), 1)
	cases := map[string]struct {
		lines [][]byte
		want  []error // of each line
	}{
		"whole":     {lines, []error{nil, nil, nil, nil, nil, nil}},
		"forged":    {[][]byte{lines[0], lines[1], forged, lines[3]}, []error{nil, nil, ErrHash, nil}},
		"one gone":  {[][]byte{lines[0], lines[2], lines[3]}, []error{nil, errors.Join(ErrIndex, ErrLink), nil}},
		"twice":     {[][]byte{lines[0], lines[0], lines[1]}, []error{nil, errors.Join(ErrIndex, ErrLink), nil}},
		"no start":  {lines[3:], []error{errors.Join(ErrIndex, ErrLink), nil, nil}},
		"restarted": {[][]byte{lines[0], lines[1], lines[0]}, []error{nil, nil, errors.Join(ErrIndex, ErrLink)}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var chain Chain
			for i, line := range c.lines {
				e, err := ParseEntry(line, Limits{})
				if err != nil {
					t.Fatal(err)
				}
				got := chain.Check(e)
				for _, kind := range []error{ErrHash, ErrLink, ErrIndex} {
					if errors.Is(got, kind) != errors.Is(c.want[i], kind) {
						t.Errorf("line %d: %v, want %v", i, got, c.want[i])
					}
				}
			}
		})
	}
}

func TestAppendedEntriesVerify(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var write, read Chain
		for range rapid.IntRange(1, 8).Draw(t, "entries") {
			data, _ := json.Marshal(rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "data"))
			in := Entry{Timestamp: noon(), Author: rapid.String().Draw(t, "author"), Type: "t", Data: data, Hash: "ignored"}
			line, err := write.Append(in)
			if err != nil {
				t.Fatal(err)
			}
			e, err := ParseEntry(line, Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if err := read.Check(e); err != nil {
				t.Fatal(err)
			}
			if want := string([]rune(in.Author)); e.Author != want {
				t.Fatalf("author %q is read as %q", want, e.Author)
			}
		}
		if write != read {
			t.Fatalf("written to %v, read to %v", write, read)
		}
	})
}

func TestAppendRefusesWhatIsNotJSON(t *testing.T) {
	var c Chain
	if _, err := c.Append(Entry{Data: json.RawMessage("{")}); err == nil || c != (Chain{}) {
		t.Errorf("error %v, chain moved to %v", err, c)
	}
}

func TestParseEntryRefuses(t *testing.T) {
	const good = `{"index":1,"hash":"h","prev_hash":"p"}`
	if _, err := ParseEntry([]byte(good), Limits{}); err != nil {
		t.Fatalf("the least entry is refused: %v", err)
	}
	cases := map[string]struct {
		raw  string
		want error
	}{
		"a message":         {`{"type":"t","data":{}}`, ErrNotEntry},
		"negative index":    {`{"index":-1,"hash":"h","prev_hash":"p"}`, ErrNotEntry},
		"index 1e3":         {`{"index":1e3,"hash":"h","prev_hash":"p"}`, ErrNotEntry},
		"index too large":   {`{"index":18446744073709551616,"hash":"h","prev_hash":"p"}`, ErrNotEntry},
		"index as text":     {`{"index":"1","hash":"h","prev_hash":"p"}`, ErrNotEntry},
		"hash missing":      {`{"index":1,"prev_hash":"p"}`, ErrNotEntry},
		"twice":             {`{"index":1,"hash":"h","prev_hash":"p","hash":"i"}`, ErrDuplicate},
		"twice by case":     {`{"index":1,"hash":"h","prev_hash":"p","HASH":"i"}`, ErrDuplicate},
		"twice by escape":   {`{"index":1,"hash":"h","prev_hash":"p","\u0068ash":"i"}`, ErrDuplicate},
		"an array":          {`[1]`, ErrSyntax},
		"text behind":       {good + "x", ErrSyntax},
		"nothing":           {``, ErrSyntax},
		"deep":              {`{"index":1,"data":` + strings.Repeat("[", 300) + strings.Repeat("]", 300) + `}`, ErrTooDeep},
		"broken array":      {`[1`, ErrSyntax},
		"data is not there": {`{"index":1,"data":,"hash":"h","prev_hash":"p"}`, ErrSyntax},
	}
	for name, c := range cases {
		if _, err := ParseEntry([]byte(c.raw), Limits{}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestReaderGoesOnBehindABadLine(t *testing.T) {
	lines := bytes.SplitAfter(theirLog(t, 3), []byte("\n"))
	long := append(bytes.Repeat([]byte("x"), 100<<10), '\n')
	log := bytes.Join([][]byte{lines[0], []byte("\n \n"), []byte("{\n"), lines[1], long, lines[2], []byte(`{"index":3`)}, nil)
	r := NewReader(bytes.NewReader(log), Limits{MaxBytes: 90 << 10})
	type step struct {
		Index uint64
		Line  int
	}
	var got []step
	var kinds []bool
	for {
		e, err := r.Read()
		if err == io.EOF {
			break
		}
		s := step{Index: e.Index}
		var bad *LineError
		if errors.As(err, &bad) {
			s.Line = bad.Line
			kinds = append(kinds, errors.Is(err, ErrSyntax), errors.Is(err, ErrTooLarge), errors.Is(err, ErrTorn))
		}
		got = append(got, s)
	}
	if diff := cmp.Diff([]step{{0, 0}, {0, 4}, {1, 0}, {0, 6}, {2, 0}, {0, 8}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]bool{true, false, false, false, true, false, false, false, true}, kinds); diff != "" {
		t.Errorf("kinds of errors (-want +got):\n%s", diff)
	}
}

func TestReaderPassesOnAReadError(t *testing.T) {
	broken := errors.New("disk on fire")
	r := NewReader(io.MultiReader(bytes.NewReader(theirLog(t, 1)), iotestErr{broken}), Limits{})
	if _, err := r.Read(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Read(); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}

type iotestErr struct{ err error }

func (e iotestErr) Read([]byte) (int, error) { return 0, e.err }

func FuzzParseEntry(f *testing.F) {
	f.Add(theirLog(f, 1))
	f.Add([]byte(`{"index":1,"hash":"h","prev_hash":"p","data":{"a":[1,"\u0041"]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := ParseEntry(raw, Limits{})
		if err != nil {
			return
		}
		_ = e.Verify()
		var c Chain
		line, err := c.Append(e)
		if err != nil {
			return // more tolerant than the encoder
		}
		back, err := ParseEntry(line, Limits{})
		if err != nil || back.Verify() != nil {
			t.Fatalf("%q written again is refused: %v, %v", raw, err, back.Verify())
		}
	})
}

func FuzzChain(f *testing.F) {
	f.Add(theirLog(f, 3))
	f.Add([]byte("{}\n\n{\"index\":0,\"hash\":\"\",\"prev_hash\":\"\"}\nx"))
	f.Fuzz(func(t *testing.T, log []byte) {
		r := NewReader(bytes.NewReader(log), Limits{MaxBytes: 1 << 10})
		var c Chain
		for range bytes.Count(log, []byte("\n")) + 2 {
			e, err := r.Read()
			if err == io.EOF {
				return
			}
			if err == nil {
				_ = c.Check(e)
			}
		}
		t.Fatalf("%d lines never end", bytes.Count(log, []byte("\n")))
	})
}

func ExampleChain() {
	var write, verify Chain
	line, _ := write.Append(Entry{Author: "12D3KooWExample", Type: "task_announced", Data: json.RawMessage(`{"task":7}`)})
	entry, _ := ParseEntry(line, Limits{})
	fmt.Println(verify.Check(entry))
	forged := bytes.Replace(line, []byte("7"), []byte("8"), 1)
	entry, _ = ParseEntry(forged, Limits{})
	fmt.Println(new(Chain).Check(entry))
	// Output:
	// <nil>
	// log entry 0: hash does not match the content
}
