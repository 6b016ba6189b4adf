package window_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"go.cordon.dev/cordon/bzzz/gateway/window"
)

func bzzz(data any) []byte {
	b, err := json.Marshal(map[string]any{"type": "t", "data": data})
	if err != nil {
		panic(err)
	}
	return b
}

func field(name, text string) []byte { return bzzz(map[string]any{name: text}) }

type step struct {
	seq  uint64
	data []byte
}

// add offers a message that passes, and returns what it completes.
func add(w *window.Window, name string, m window.Message) (joints []window.Joint) {
	w.Offer(name, m, func(j []window.Joint) bool { joints = j; return true })
	return joints
}

// across returns the messages over which the needle lies in what the last step
// completes.
func across(steps []step, needle string) []string {
	w := window.New(window.Limits{})
	var joints []window.Joint
	for i, s := range steps {
		joints = add(w, "sender", window.Message{ID: fmt.Sprint("m", i), Seq: s.seq, Data: s.data})
	}
	for _, j := range joints {
		if at := strings.Index(string(j.Text), needle); at >= 0 {
			if ids := j.Across(at, at+len(needle)); ids != nil {
				return ids
			}
		}
	}
	return nil
}

func TestWhatIsSplitIsSeenWhole(t *testing.T) {
	long := strings.Repeat("words ", 1000)
	many := map[string]any{}
	for i := range 100 {
		many[fmt.Sprintf("k%03d", i)] = "x"
	}
	many["zz"] = "nee"
	tests := map[string]struct {
		steps []step
		want  []string
	}{
		"in one place":                  {[]step{{1, field("a", "a nee")}, {2, field("a", "dle b")}}, []string{"m0", "m1"}},
		"in two places":                 {[]step{{1, field("a", "a nee")}, {2, field("b", "dle b")}}, []string{"m0", "m1"}},
		"at the edges of long strings":  {[]step{{1, field("a", long+"nee")}, {2, field("a", "dle"+long)}}, []string{"m0", "m1"}},
		"over three messages":           {[]step{{1, field("a", "n")}, {2, field("a", "eed")}, {3, field("a", "le")}}, []string{"m0", "m1", "m2"}},
		"the first half comes last":     {[]step{{2, field("a", "dle b")}, {1, field("a", "a nee")}}, []string{"m1", "m0"}},
		"numbered backwards":            {[]step{{2, field("a", "a nee")}, {1, field("a", "dle b")}}, []string{"m0", "m1"}},
		"a long one that comes late":    {[]step{{2, field("a", "dle")}, {1, field("a", long+"nee")}}, []string{"m1", "m0"}},
		"another message between":       {[]step{{1, field("a", "nee")}, {2, field("b", "x")}, {3, field("a", "dle")}}, []string{"m0", "m2"}},
		"in text that is no JSON":       {[]step{{1, []byte("nee")}, {2, []byte("dle")}}, []string{"m0", "m1"}},
		"in JSON that is no message":    {[]step{{1, []byte(`["nee"]`)}, {2, []byte(`["dle"]`)}}, []string{"m0", "m1"}},
		"behind an escape":              {[]step{{1, field("a", "nee")}, {2, []byte(`{"type":"t","data":{"a":"\u0064le"}}`)}}, []string{"m0", "m1"}},
		"last of many strings":          {[]step{{1, bzzz(many)}, {2, field("zz", "dle")}}, []string{"m0", "m1"}},
		"whole in one message":          {[]step{{1, field("a", "x")}, {2, field("a", "needle")}}, nil},
		"whole in an earlier message":   {[]step{{1, field("a", "needle")}, {2, field("a", "x")}}, nil},
		"only one message":              {[]step{{1, field("a", "needle")}}, nil},
		"in the middle of long strings": {[]step{{1, field("a", long+"nee"+long)}, {2, field("a", "dle")}}, nil},
	}
	for name, tt := range tests {
		if got := across(tt.steps, "needle"); !slices.Equal(got, tt.want) {
			t.Errorf("%s: seen in %v, want %v", name, got, tt.want)
		}
	}
}

func TestSendersAreApart(t *testing.T) {
	w := window.New(window.Limits{})
	add(w, "a", window.Message{ID: "1", Data: field("x", "nee")})
	if j := add(w, "b", window.Message{ID: "2", Data: field("x", "dle")}); len(j) != 0 {
		t.Errorf("two senders are joined: %+v", j)
	}
}

func TestWhatWasWithheldIsForgotten(t *testing.T) {
	w := window.New(window.Limits{})
	if w.Offer("a", window.Message{ID: "1", Seq: 1, Data: field("x", "nee")}, func([]window.Joint) bool { return false }) {
		t.Error("it passed")
	}
	if j := add(w, "a", window.Message{ID: "2", Seq: 2, Data: field("x", "dle")}); len(j) != 0 {
		t.Errorf("joined with what reached nobody: %+v", j)
	}
}

func TestWhatIsWithheldPushesNothingOut(t *testing.T) {
	w := window.New(window.Limits{Messages: 1})
	add(w, "a", window.Message{ID: "1", Seq: 1, Data: field("x", "nee")})
	w.Offer("a", window.Message{ID: "2", Seq: 2, Data: field("y", "no")}, func([]window.Joint) bool { return false })
	if j := add(w, "a", window.Message{ID: "3", Seq: 3, Data: field("x", "dle")}); len(j) == 0 {
		t.Error("the first half was forgotten")
	}
}

func TestTheWindowIsBounded(t *testing.T) {
	const limit = 64 << 10
	w := window.New(window.Limits{Bytes: limit})
	for i := range 1000 {
		for n := range 8 {
			add(w, fmt.Sprint("sender", i), window.Message{ID: fmt.Sprint(n), Seq: uint64(n), Data: field("x", strings.Repeat("y", 2000))})
		}
		if w.Bytes() > limit {
			t.Fatalf("it holds %d bytes", w.Bytes())
		}
	}
}

func FuzzAdd(f *testing.F) {
	f.Add(field("a", "nee"), uint64(1), field("b", "dle"), uint64(2))
	f.Add([]byte("plain"), uint64(9), []byte(`{"type":"t","data":["`), uint64(0))
	f.Fuzz(func(t *testing.T, a []byte, seqA uint64, b []byte, seqB uint64) {
		w := window.New(window.Limits{Messages: 2})
		add(w, "s", window.Message{ID: "a", Seq: seqA, Data: a})
		for _, j := range add(w, "s", window.Message{ID: "b", Seq: seqB, Data: b}) {
			for _, s := range j.Spans {
				if s.From > s.To || s.To > len(j.Text) {
					t.Fatalf("span %+v of %d bytes", s, len(j.Text))
				}
			}
		}
		before := w.Bytes()
		w.Offer("s", window.Message{ID: "c", Seq: seqA, Data: b}, func([]window.Joint) bool { return false })
		if w.Bytes() != before {
			t.Fatalf("%d bytes, and %d with what was withheld", before, w.Bytes())
		}
	})
}

// Two halves that come at once: one of them is held back, not both.
func TestHalvesThatComeAtOnce(t *testing.T) {
	for range 200 {
		w := window.New(window.Limits{})
		var both sync.WaitGroup
		var passed atomic.Int32
		for i, text := range []string{"nee", "dle"} {
			both.Go(func() {
				if w.Offer("s", window.Message{ID: text, Seq: uint64(i), Data: field("a", text)}, noNeedle) {
					passed.Add(1)
				}
			})
		}
		both.Wait()
		if passed.Load() != 1 {
			t.Fatalf("%d halves passed", passed.Load())
		}
	}
}

func noNeedle(joints []window.Joint) bool {
	return !slices.ContainsFunc(joints, func(j window.Joint) bool { return strings.Contains(string(j.Text), "needle") })
}
