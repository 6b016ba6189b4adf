package wire

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"go.cordon.dev/cordon/hypercore/enc"
	"pgregory.net/rapid"
)

// heardBy gives a mux frames and lists what it says happened, in words.
func heardBy(t testing.TB, m *Mux, frames [][]byte, names map[*Channel]string) (out []string) {
	t.Helper()
	for _, f := range frames {
		err := m.Receive(f, func(e Message) error {
			what := map[Event]string{Opened: "opened", Rejected: "rejected", Received: fmt.Sprint("message ", e.Type), Closed: "closed"}[e.Event]
			out = append(out, fmt.Sprintf("%s %s %.5s", names[e.Channel], what, e.Body))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func TestFramesOfProtomuxAreUnderstood(t *testing.T) {
	m := NewMux()
	names := map[*Channel]string{
		m.Open(Protocol, fill(3, 32), nil): "first",
		m.Open(Protocol, nil, nil):         "second",
	}
	got := heardBy(t, m, readWritten(t).Frames, names)
	want := []string{
		"first opened greet", "second opened other", "first message 0 one", "first message 1 two",
		"second message 0 \x04\x04\x04\x04\x04", "first message 0 ", "second message 1 alone", "first closed ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// What nobody has asked for is rejected, and what is said to it is passed over.
func TestChannelsThatAreNotWantedAreRejected(t *testing.T) {
	m, names := NewMux(), map[*Channel]string{}
	if got := heardBy(t, m, readWritten(t).Frames, names); len(got) > 0 {
		t.Errorf("%q", got)
	}
	other := NewMux()
	names[other.Open(Protocol, fill(3, 32), nil)] = "first"
	names[other.Open(Protocol, nil, nil)] = "second"
	got := heardBy(t, other, m.Frames(), names)
	if want := []string{"first rejected ", "second rejected "}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A number is used again when its channel is gone: the other end keeps a dense list.
func TestNumbersOfChannelsAreUsedAgain(t *testing.T) {
	m := NewMux()
	a, b := m.Open("p", []byte("a"), nil), m.Open("p", []byte("b"), nil)
	heardBy(t, m, [][]byte{openFrame(1, "p", "a"), {0, controlClose, 1}}, nil)
	if c := m.Open("p", []byte("c"), nil); c.local != a.local || b.local == a.local {
		t.Errorf("channels %d, %d, then %d", a.local, b.local, c.local)
	}
	before := len(m.batch)
	if m.Send(a, 0, []byte("late")); len(m.batch) != before {
		t.Error("a message to a closed channel went to the one that has its number now")
	}
}

// A channel that this end closes is closed at the other, whether that has opened it by then,
// is about to, or does not want it; its number is used again only when the other end knows.
func TestAChannelThatIsClosed(t *testing.T) {
	for name, tt := range map[string]struct {
		before, after [][]byte // frames of the other end
		free          bool     // right away
		says          []byte   // in the end
	}{
		"open":                  {[][]byte{openFrame(4, "p", "a")}, nil, true, nil},
		"opened meanwhile":      {nil, [][]byte{openFrame(4, "p", "a")}, false, []byte{0, controlBatch, 0, 2, controlClose, 1}},
		"rejected meanwhile":    {nil, [][]byte{{0, controlReject, 1}}, false, nil},
		"and closed there, too": {[][]byte{openFrame(4, "p", "a")}, [][]byte{{0, controlClose, 4}, {4, 0, 'x'}}, true, nil},
	} {
		m := NewMux()
		c := m.Open("p", []byte("a"), nil)
		heardBy(t, m, tt.before, nil)
		m.Frames()
		m.Close(c)
		m.Close(c)
		m.Send(c, 0, []byte("late"))
		if got, want := m.Frames(), []byte{0, controlBatch, 0, 2, controlClose, 1}; len(got) != 1 || !bytes.Equal(got[0], want) || m.Pending() {
			t.Errorf("%s: says %x", name, got)
		}
		if free := m.local[1] == nil; free != tt.free {
			t.Errorf("%s: its number is free: %v", name, free)
		}
		if got := heardBy(t, m, tt.after, nil); len(got) > 0 {
			t.Errorf("%s: %q", name, got)
		}
		if got := bytes.Join(m.Frames(), nil); !bytes.Equal(got, tt.says) || len(m.local)+len(m.remote) > 0 {
			t.Errorf("%s: says %x, %d channels are left", name, got, len(m.local)+len(m.remote))
		}
	}
}

// One that is opened anew while the other end has not answered for the old one: the answers
// are told apart by their order.
func TestAChannelThatIsOpenedAnew(t *testing.T) {
	m := NewMux()
	old := m.Open("p", []byte("a"), nil)
	m.Close(old)
	anew := m.Open("p", []byte("a"), nil)
	got := heardBy(t, m, [][]byte{openFrame(1, "p", "a"), openFrame(2, "p", "a")}, map[*Channel]string{old: "old", anew: "anew"})
	if want := []string{"anew opened "}; !slices.Equal(got, want) || old.local == anew.local {
		t.Errorf("%q", got)
	}
}

func openFrame(id uint64, protocol, name string) []byte {
	b := enc.AppendUint([]byte{0, controlOpen}, id)
	return enc.AppendBuffer(enc.AppendBuffer(b, []byte(protocol)), []byte(name))
}

func TestMuxRefuses(t *testing.T) {
	for name, frames := range map[string][][]byte{
		"half a frame":              {{0}},
		"a batch inside a batch":    {{0, controlBatch, 0, 2, controlBatch, 0}},
		"a batch that is cut":       {{0, controlBatch, 1, 9, 1}},
		"an open that is cut":       {{0, controlOpen, 1, 9}},
		"a channel opened twice":    {openFrame(1, "p", "a"), openFrame(1, "p", "a")},
		"a reject of nothing":       {{0, controlReject, 7}},
		"a reject of what is open":  {openFrame(1, "p", "a"), {0, controlReject, 1}},
		"a reject without a number": {{0, controlReject}},
		"a close without a number":  {{0, controlClose}},
	} {
		m := NewMux()
		m.Open("p", []byte("a"), nil)
		var err error
		for _, f := range frames {
			err = errors.Join(err, m.Receive(f, func(Message) error { return nil }))
		}
		if !errors.Is(err, ErrProtocol) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMuxPassesOver(t *testing.T) {
	for name, frame := range map[string][]byte{
		"an empty frame": {}, "a message of no channel": {9, 1, 2}, "a control message of later": {0, 9, 1}, "a close of nothing": {0, controlClose, 5},
	} {
		m := NewMux()
		if err := m.Receive(frame, func(e Message) error { return fmt.Errorf("%+v", e) }); err != nil || len(m.Frames()) > 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Two ends that open the same channels hear all that the other says, in order, whatever it
// is and however it falls into frames.
func TestMuxRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := NewMux(), NewMux()
		n := rapid.IntRange(1, 5).Draw(t, "channels")
		from, to, names := make([]*Channel, n), make([]*Channel, n), map[*Channel]string{}
		for i := range n {
			from[i] = a.Open("p", []byte{byte(i)}, nil)
		}
		for _, i := range rapid.Permutation(indexes(n)).Draw(t, "order") {
			to[i] = b.Open("p", []byte{byte(i)}, nil)
			names[to[i]] = fmt.Sprint(i)
		}
		var want, got []string
		take := func(e Message) error {
			if e.Event == Received {
				got = append(got, fmt.Sprintf("%s %d %d %.1x", names[e.Channel], e.Type, len(e.Body), e.Body))
			}
			return nil
		}
		for _, f := range a.Frames() {
			if err := b.Receive(f, take); err != nil {
				t.Fatal(err)
			}
		}
		for range rapid.IntRange(0, 30).Draw(t, "messages") {
			i := rapid.IntRange(0, n-1).Draw(t, "channel")
			kind := rapid.Uint64().Draw(t, "type")
			body := fill(rapid.Byte().Draw(t, "byte"), rapid.SampledFrom([]int{0, 1, 300, batchSize}).Draw(t, "size"))
			a.Send(from[i], kind, body)
			want = append(want, fmt.Sprintf("%d %d %d %.1x", i, kind, len(body), body))
		}
		for _, f := range a.Frames() {
			if err := b.Receive(f, take); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%d messages of %d", len(got), len(want))
		}
	})
}

func indexes(n int) (out []int) {
	for i := range n {
		out = append(out, i)
	}
	return out
}

// FuzzMux: whatever is heard, what is kept and said in reply is bounded by it.
func FuzzMux(f *testing.F) {
	for _, frame := range readWritten(f).Frames {
		f.Add(frame)
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		m := NewMux()
		m.Open(Protocol, fill(3, 32), nil)
		m.Frames()
		err := m.Receive(frame, func(Message) error { return nil })
		if err != nil && !errors.Is(err, ErrProtocol) {
			t.Fatal(err)
		}
		said := 0
		for _, f := range m.Frames() {
			said += len(f)
		}
		if said > 2*len(frame)+16 || len(m.remote) > 1 {
			t.Errorf("%d bytes said to %d heard, %d channels", said, len(frame), len(m.remote))
		}
	})
}
