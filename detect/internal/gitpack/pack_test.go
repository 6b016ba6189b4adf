package gitpack

import (
	"bytes"
	"compress/zlib"
	"crypto/sha1" //nolint:gosec // git's ids are made with it
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

const plenty = 1 << 30

// builder writes a pack.
type builder struct {
	out   bytes.Buffer
	count uint32
	at    []int // where each object begins
}

func newBuilder() *builder {
	b := &builder{}
	b.out.WriteString("PACK\x00\x00\x00\x02\x00\x00\x00\x00")
	return b
}

func (b *builder) entry(kind byte, before, text string) *builder {
	b.at = append(b.at, b.out.Len())
	b.count++
	n := len(text)
	c := kind<<4 | byte(n&15)
	for n >>= 4; n > 0; n >>= 7 {
		b.out.WriteByte(c | 0x80)
		c = byte(n & 0x7f)
	}
	b.out.WriteByte(c)
	b.out.WriteString(before)
	w := zlib.NewWriter(&b.out)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return b
}

func (b *builder) blob(text string) *builder { return b.entry(3, "", text) }

// ofs adds a difference to the object of that index.
func (b *builder) ofs(which int, delta string) *builder {
	back := b.out.Len() - b.at[which]
	coded := []byte{byte(back & 0x7f)}
	for back >>= 7; back > 0; back >>= 7 {
		back--
		coded = append(coded, 0x80|byte(back&0x7f))
	}
	slices.Reverse(coded)
	return b.entry(6, string(coded), delta)
}

func (b *builder) ref(id, delta string) *builder { return b.entry(7, id, delta) }

func (b *builder) bytes() []byte {
	data := append(bytes.Clone(b.out.Bytes()), strings.Repeat("\x22", sumSize)...)
	binary.BigEndian.PutUint32(data[8:], b.count)
	return data
}

func idOf(text string) string {
	id := sha1.Sum(fmt.Appendf(nil, "blob %d\x00%s", len(text), text)) //nolint:gosec // as above
	return string(id[:])
}

// diff writes a difference of these steps.
func diff(base, size int, steps ...string) string {
	head := binary.AppendUvarint(nil, uint64(base))
	head = binary.AppendUvarint(head, uint64(size))
	return string(head) + strings.Join(steps, "")
}

func brings(text string) string { return string([]byte{byte(len(text))}) + text }

func copies(from, size int) string {
	return string([]byte{0xff, byte(from), byte(from >> 8), byte(from >> 16), byte(from >> 24), byte(size), byte(size >> 8), byte(size >> 16)})
}

// read lists what a pack holds, "?" before what something is missing of.
func read(data []byte) (texts []string, end int, err error) {
	end, _, err = Read(data, plenty, func(t Text) bool {
		text := string(t.Bytes)
		if t.Missing {
			text = "?" + text
		}
		texts = append(texts, text)
		return true
	})
	return texts, end, err
}

func TestObjectsAreRead(t *testing.T) {
	base := "the first line\nthe second line\n"
	changed := "the first line\nanother\n"
	change := diff(len(base), len(changed), copies(0, 15), brings("another\n"))
	wide := sha256.Sum256(fmt.Appendf(nil, "blob %d\x00%s", len(base), base))
	for name, tt := range map[string]struct {
		pack *builder
		want []string
	}{
		"as they are":                {newBuilder().entry(1, "", "tree 1\n").entry(2, "", "100644 a").blob(base).entry(4, "", "tag v1"), []string{"tree 1\n", "100644 a", base, "tag v1"}},
		"an empty one":               {newBuilder().blob("").blob("x"), []string{"x"}},
		"a difference, by offset":    {newBuilder().blob(strings.Repeat("x", 300)).blob(base).ofs(1, change), []string{strings.Repeat("x", 300), base, changed}},
		"a difference to one":        {newBuilder().blob(base).ofs(0, change).ofs(1, diff(len(changed), 8, copies(15, 8))), []string{base, changed, "another\n"}},
		"a difference, by id":        {newBuilder().blob(base).ref(idOf(base), change), []string{base, changed}},
		"its base behind it":         {newBuilder().ref(idOf(base), change).blob(base), []string{base, changed}},
		"by a longer id":             {newBuilder().ref(string(wide[:]), change).blob(base), []string{base, changed}},
		"one by offset, to one here": {newBuilder().ref(idOf(base), change).ofs(0, diff(len(changed), 8, copies(15, 8))).blob(base), []string{base, changed, "another\n"}},
		"nothing new":                {newBuilder().blob(base).ofs(0, diff(len(base), len(base), copies(0, 20), copies(20, len(base)-20))), []string{base}},
		"a place that is new":        {newBuilder().blob(base).ofs(0, diff(len(base), 20, copies(0, 4), copies(15, 16))), []string{base, "the the second line\n"}},
	} {
		pack := tt.pack.bytes()
		got, end, err := read(append(pack, "what follows"...))
		if !slices.Equal(got, tt.want) || err != nil || end != len(pack) {
			t.Errorf("%s: %q, %v; ends at %d of %d; want %q", name, got, err, end, len(pack), tt.want)
		}
	}
}

// Of a long text that is changed in places, those are handed over with what is around them.
func TestOnlyWhatIsNewIsHandedOver(t *testing.T) {
	base := strings.Repeat("a line of a long text\n", 5000)
	n := len(base)
	pack := newBuilder().blob(base).ofs(0, diff(n, n+12, copies(0, 30_000), brings("first "), copies(30_000, 30_000), brings("second"), copies(60_000, n-60_000)))
	got, _, err := read(pack.bytes())
	if err != nil || len(got) != 3 || !strings.Contains(got[1], "first ") || !strings.Contains(got[2], "second") || len(got[1]) != 2*around+6 || len(got[2]) != 2*around+6 {
		t.Errorf("%d texts, %v", len(got), err)
	}
}

// A push leaves out what the other side has. What is brought along is read, and it is told
// when what is not there may matter.
func TestABaseThatIsNotThere(t *testing.T) {
	part := strings.Repeat("a1", 8) // of a secret that a name or a beginning stands before
	for name, tt := range map[string]struct{ delta, want string }{
		"a line":                    {diff(500, 112, copies(0, 50), brings("\nsome words\n"), copies(50, 50)), "\n\nsome words\n\n"},
		"a long stretch in two":     {diff(1<<17, 1<<16+9, copies(0, 0x10000), copies(0x10000, 3), brings("words\n")), "\nwords\n"},
		"the rest of a word":        {diff(500, 66, copies(0, 50), brings(part)), "?\n" + part},
		"the beginning of a word":   {diff(500, 70, brings(part), copies(0, 50)), "?" + part + "\n"},
		"a long word of letters":    {diff(500, 70, copies(0, 50), brings("internationalization")), "\ninternationalization"},
		"pieces that could spell":   {diff(500, 24, copies(0, 8), copies(90, 8), copies(40, 8)), "?\n\n\n"},
		"a piece between two lines": {diff(500, 16, brings("one\n"), copies(9, 8), brings("two\n")), "one\n\ntwo\n"},
		"pieces, and more of them":  {diff(500, 28, copies(0, 8), brings("a"), copies(90, 8), brings("b"), copies(40, 8), brings("c\n")), "?\na\nb\nc\n"},
		"pieces far apart":          {diff(500, 90, copies(0, 8), copies(90, 50), copies(40, 8), brings("a line of words\n"), copies(4, 8)), "\n\n\na line of words\n\n"},
	} {
		got, _, err := read(newBuilder().blob("whole").ref(idOf("in another place"), tt.delta).bytes())
		if want := []string{"whole", tt.want}; !slices.Equal(got, want) || err != nil {
			t.Errorf("%s: %q, %v; want %q", name, got, err, want)
		}
	}
}

func TestWhatIsWrongIsTold(t *testing.T) {
	base := "the first line\nthe second line\n"
	whole := newBuilder().blob(base).blob(base).bytes()
	longer := newBuilder().blob(base).bytes()
	longer[headSize]++ // one more than it has
	endless := append(newBuilder().blob(base).bytes()[:0:0], "PACK\x00\x00\x00\x02\x00\x00\x00\x01"...)
	endless = append(endless, bytes.Repeat([]byte{0xff}, 40)...)
	for name, tt := range map[string]struct {
		pack []byte
		want error
	}{
		"cut off in the second":          {whole[:len(whole)-sumSize-5], ErrCut},
		"cut off behind the first":       {newBuilder().blob(base).out.Bytes(), nil},
		"another version":                {append([]byte("PACK\x00\x00\x00\x04"), whole[8:]...), ErrNone},
		"a size that is wrong":           {longer, ErrNone},
		"a size without end":             {endless, ErrNone},
		"a kind that nobody has":         {newBuilder().blob(base).entry(5, "", "x").bytes(), ErrBroken},
		"a base before the pack":         {newBuilder().blob(base).entry(6, "\xff\xff\x7f", diff(1, 1)).bytes(), ErrBroken},
		"a base of another length":       {newBuilder().blob(base).ofs(0, diff(7, 8, brings("12345678"))).bytes(), ErrBroken},
		"a step beyond the base":         {newBuilder().blob(base).ofs(0, diff(len(base), 64, copies(0, 64))).bytes(), ErrBroken},
		"steps that make too much":       {newBuilder().blob(base).ofs(0, diff(len(base), 4, brings("12345678"))).bytes(), ErrBroken},
		"steps that make too little":     {newBuilder().blob(base).ofs(0, diff(len(base), 40, brings("12345678"))).bytes(), ErrBroken},
		"a step that nobody has":         {newBuilder().blob(base).ofs(0, diff(len(base), 8, "\x00")).bytes(), ErrBroken},
		"a step that is cut off":         {newBuilder().blob(base).ofs(0, diff(len(base), 8, "\xff\x00")).bytes(), ErrBroken},
		"broken, and its base elsewhere": {newBuilder().blob(base).ref(idOf("?"), diff(len(base), 8, "\x00")).bytes(), ErrBroken},
		"a difference that is too large": {newBuilder().blob(base).ofs(0, "\xff\xff\xff\xff\xff\xff\xff\x7f"+diff(9, 9)).bytes(), ErrBroken},
	} {
		pack := tt.pack
		if name == "cut off behind the first" {
			binary.BigEndian.PutUint32(pack[8:], 1)
		}
		if _, _, err := read(pack); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}

// What a pack comes to is bounded, however small it is.
func TestWhatIsDecodedIsBounded(t *testing.T) {
	const budget = 1 << 20
	long := strings.Repeat("a", 1<<16)
	chain := newBuilder().blob(long)
	for i := range 500 {
		chain.ofs(i, diff(len(long), len(long), copies(0, len(long)-1), brings("b")))
	}
	large := newBuilder().blob(strings.Repeat("a", 2*budget))
	waits := newBuilder()
	for range 500 {
		waits.ref(idOf(long), diff(len(long), len(long), copies(0, len(long)-1), brings("b")))
	}
	empty := newBuilder()
	for range budget / kept {
		empty.blob("")
	}
	for name, pack := range map[string]*builder{"one": large, "a chain": chain, "many of one": waits.blob(long), "of nothing": empty.blob("")} {
		total := 0
		_, decoded, err := Read(pack.bytes(), budget, func(t Text) bool { total += len(t.Bytes); return true })
		if !errors.Is(err, ErrBudget) || decoded > budget || total > budget {
			t.Errorf("%s: %v; %d bytes decoded, %d handed over", name, err, decoded, total)
		}
	}
}

// What turns out to be no pack has its price as well.
func TestWhatIsNoPackIsCounted(t *testing.T) {
	pack := newBuilder().blob(strings.Repeat("a", 1<<16)).bytes()
	pack[headSize+1]++ // of its size
	if _, decoded, err := Read(pack, plenty, func(Text) bool { return true }); !errors.Is(err, ErrNone) || decoded < 1<<16 {
		t.Errorf("%v, %d bytes decoded", err, decoded)
	}
}

func TestWhoReadsCanStop(t *testing.T) {
	n := 0
	_, _, err := Read(newBuilder().blob("a").blob("b").blob("c").bytes(), plenty, func(Text) bool { n++; return n < 2 })
	if n != 2 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

// Whatever the bytes are: it ends within the budget, and places lie within the pack.
func FuzzRead(f *testing.F) {
	base := "the first line\nthe second line\n"
	change := diff(len(base), 23, copies(0, 15), brings("another\n"))
	f.Add(newBuilder().blob(base).ofs(0, change).ref(idOf(base), change).bytes())
	f.Add(newBuilder().ref(idOf("?"), change).entry(1, "", "tree").bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		const budget = 1 << 20
		end, decoded, _ := Read(data, budget, func(text Text) bool {
			if text.From < 0 || text.From >= text.To || text.To > len(data) {
				t.Fatalf("an object at [%d,%d) of %d", text.From, text.To, len(data))
			}
			return true
		})
		if decoded > budget || end > len(data) {
			t.Errorf("ends at %d of %d, %d bytes decoded", end, len(data), decoded)
		}
	})
}
