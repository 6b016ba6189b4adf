package dlp

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"go.cordon.dev/cordon/detect"
)

// What a window holds, in bytes: what was passed on already, what is kept back
// because a secret may go on behind it, and what is new.
const (
	behind = 16 << 10
	ahead  = 16 << 10
	fresh  = 64 << 10

	leastBuffer = 4 << 10
)

// longestPause is how long a sender may have to pause whose body is held because
// something compressed in it is not finished. It doubles from Limits.Pause on: who
// drips such a body has it looked at a few times, not each time.
const longestPause = 30 * time.Second

// ErrRefused is the error of a Stream whose Judge let nothing more pass.
var ErrRefused = errors.New("what would be sent holds what may not leave")

// Body describes a stream.
type Body struct {
	Where string // of its findings; if empty, "body"
	// Encoded says that the body is compressed as a whole, as Content-Encoding
	// does. A body that begins like something compressed is taken for it, too.
	Encoded bool
	// Codings are what a head says was done to the body, in that order, as
	// Content-Encoding names them: they are undone, and what comes out is looked at as
	// well. With Encoded only; gzip, x-gzip, deflate, zstd and br are known.
	Codings []string
	// Judge is told what was found, whenever something was, and says whether the
	// body may go on. Mandatory. It is called by one goroutine at a time.
	Judge func(Verdict) (pass bool)
}

// Stream passes on what is written to it, as far as it was looked at. It is for one
// writer; Close must be called, and passes on the rest.
type Stream struct {
	i   *Inspector
	m   *Message
	dst io.Writer
	b   Body

	mu    sync.Mutex
	buf   []byte // of the body from base on
	base  int64
	sent  int           // bytes of buf that were passed on
	next  int           // bytes that are not passed on at which they are looked at
	told  map[told]bool // findings in what is kept back
	whole bool          // nothing is passed on before Close
	begun bool          // whole is decided
	err   error         // sticks
	timer *time.Timer   // of the pause; nil: none is awaited
	pause time.Duration // that is awaited
	shape shape
	named int   // places that were worked out
	words int64 // of the body: where words that were looked at for their own end
}

// told is a finding that Judge knows.
type told struct {
	rule  string
	start int64
}

// Stream begins a body that goes to dst.
func (i *Inspector) Stream(dst io.Writer, b Body) *Stream {
	return i.Message("").Stream(dst, b)
}

// Write takes a piece of the body. Its error is ErrRefused, or that of dst; then
// nothing more is passed on.
func (s *Stream) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hush()
	for n := 0; n < len(p) && s.err == nil; {
		piece := p[n:min(len(p), n+s.room())]
		s.take(piece)
		n += len(piece)
		if s.full() {
			s.look(ahead, false)
		}
	}
	if s.err != nil {
		return 0, s.err
	}
	s.await()
	return len(p), nil
}

// Close looks at what is left, passes it on and gives the memory back. It is no
// Close of dst.
func (s *Stream) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hush()
	if s.err == nil {
		s.lookLast()
	}
	s.release()
	return s.err
}

// lookLast looks at what is left, and passes it on.
func (s *Stream) lookLast() {
	if !s.whole || len(s.b.Codings) == 0 || len(s.buf) == 0 {
		s.look(0, true)
		return
	}
	raw, _ := s.scan(true) // as it is: names and words beside what is compressed
	if !raw.Clean() && !s.judge(raw) {
		return
	}
	if s.err = s.m.unpacked(s.buf, s.b, raw); s.err == nil {
		s.pass(len(s.buf))
	}
}

// room is how much may be taken before the next look.
func (s *Stream) room() int {
	if s.whole {
		return max(1, s.i.o.Limits.Whole-len(s.buf))
	}
	return max(1, s.sent+s.next-len(s.buf))
}

func (s *Stream) full() bool { return !s.whole && len(s.buf)-s.sent >= s.next }

// take appends to the window, if there is memory for it.
func (s *Stream) take(p []byte) {
	if s.err = s.grow(len(p)); s.err != nil {
		return
	}
	s.buf = append(s.buf, p...)
	if !s.begun && len(s.buf) >= longestMagic {
		s.begin()
	}
	if s.whole && len(s.buf) >= s.i.o.Limits.Whole {
		s.whole = !s.judge(s.tooLong()) // it may pass all the same
	}
}

func (s *Stream) tooLong() Verdict {
	return Verdict{Unseen: fmt.Sprintf("it is compressed and longer than %d bytes", s.i.o.Limits.Whole)}
}

// begin decides whether the body is held whole.
func (s *Stream) begin() { s.begun, s.whole = true, s.b.Encoded || compressed(s.buf) }

// place says where something lies, which begins so many bytes into the body.
func (s *Stream) place(at int64) string {
	if s.base == 0 && s.shape == shapeless {
		s.shape = shapeOf(s.buf)
	}
	if s.named++; s.named > mostPlaces || at < s.base {
		return s.b.Where
	}
	detail := placeIn(s.shape, s.buf, int(at-s.base), s.base == 0)
	if !s.i.harmless(detail) {
		return s.b.Where
	}
	return s.b.Where + detail
}

// harmless says whether there is no secret in what is to be shown.
func (i *Inspector) harmless(text string) bool {
	found := false
	i.o.Scanner.Scan([]byte(text), func(detect.Finding) bool { found = true; return false })
	if i.o.Own != nil && !found {
		i.o.Own.Find([]byte(text), func(int, int, string) bool { found = true; return false })
	}
	return !found
}

// grow takes memory for n more bytes off what all streams have together.
func (s *Stream) grow(n int) error {
	more := int64(len(s.buf)+n) - int64(cap(s.buf))
	if more <= 0 {
		return nil
	}
	size := max(len(s.buf)+n, min(2*cap(s.buf), s.i.o.Limits.Whole), leastBuffer)
	if s.i.held.Add(int64(size-cap(s.buf))) > s.i.o.Limits.Memory {
		s.i.held.Add(int64(cap(s.buf) - size))
		return s.outOfMemory()
	}
	old := s.buf
	s.buf = append(make([]byte, 0, size), old...)
	clear(old)
	return nil
}

// outOfMemory asks whether the body may pass without being looked at. There is no
// memory to hold it, so that it ends here either way.
func (s *Stream) outOfMemory() error {
	s.b.Judge(Verdict{Unseen: "there is no memory left for looking at more"})
	return fmt.Errorf("%w: there is no memory left for looking at it", ErrRefused)
}

func (s *Stream) release() {
	clear(s.buf)
	s.i.held.Add(-int64(cap(s.buf)))
	s.buf, s.sent = nil, 0
}

// look scans the window and passes it on, but for so many bytes at its end and,
// unless this is the body's end, for what is compressed and goes on behind it, and for
// documents, which may.
func (s *Stream) look(keep int, last bool) {
	if len(s.buf) == s.sent {
		return
	}
	v, open := s.scan(keep == 0)
	to := max(s.sent, len(s.buf)-keep)
	if !last && open < to {
		if len(s.buf) < s.i.o.Limits.Whole {
			to = max(s.sent, open)
		} else {
			v.add(s.tooLong())
		}
	}
	if !v.Clean() && !s.judge(v) {
		return
	}
	s.pass(to)
	s.wait()
}

// wait says when to look again: when as much is new as is kept back, and not less
// than a window. So each byte is looked at a bounded number of times, however much
// of the body is held because it is compressed.
func (s *Stream) wait() {
	kept := len(s.buf) - s.sent
	s.next = min(kept+max(fresh, kept), max(kept+1, s.i.o.Limits.Whole))
	s.next = max(s.next, ahead+fresh)
}

// scan looks at the window for what Judge was not told yet: what reaches into the
// bytes that were not passed on. If all, its last word is a whole one. open is where
// something begins that is compressed and goes on behind the window, or a document.
func (s *Stream) scan(all bool) (v Verdict, open int) {
	look := search{m: s.m, text: s.buf, base: s.base, from: s.words - s.base, whole: all, where: s.place}
	report := look.run(func(f detect.Finding) bool {
		key := told{f.Rule.ID, s.base + f.Start}
		if f.End > int64(s.sent) && s.i.counts(f, s.b.Where) && !s.told[key] {
			s.told[key] = true
			v.Findings = append(v.Findings, s.i.finding(f, s.place(s.base+f.Start)))
		}
		return s.i.counts(f, s.b.Where)
	})
	for _, o := range look.ownedSpans() {
		key := told{OwnRule, s.base + o.from}
		if o.to > int64(s.sent) && !s.told[key] {
			s.told[key] = true
			v.Findings = append(v.Findings, o.finding)
		}
	}
	for _, f := range look.files {
		key := told{"file " + f.file.Kind, s.base + f.at}
		if !s.told[key] {
			s.told[key] = true
			v.Files = append(v.Files, f.file)
		}
	}
	v.add(look.joined())
	s.words = s.base + int64(lastBreak(s.buf))
	v.Unseen, open = cmp.Or(unseen(report), look.unseen, s.newlyUnread(look.unread)), len(s.buf)
	if look.document >= 0 {
		open = min(open, int(look.document))
	}
	for _, n := range report.NotScanned {
		if n.Reason == detect.ReasonUndecodable && n.End >= int64(len(s.buf)) {
			open = min(open, int(n.Start))
		}
	}
	return v, open
}

// lastBreak is where the last word of a text begins, which may go on behind it.
func lastBreak(text []byte) int {
	at := len(text)
	for at > 0 && len(text)-at <= mostWord && (wordByte(text[at-1]) || text[at-1] == '.') {
		at--
	}
	return at
}

// judge asks whether the body may go on.
func (s *Stream) judge(v Verdict) bool {
	if s.b.Judge(v) {
		return true
	}
	s.err = ErrRefused
	return false
}

// pass writes the window up to a place to dst, and drops what is not needed any
// more.
func (s *Stream) pass(to int) {
	if _, err := s.dst.Write(s.buf[s.sent:to]); err != nil {
		s.err = fmt.Errorf("passing a body on: %w", err)
		return
	}
	s.sent = to
	if s.base == 0 && s.shape == shapeless {
		s.shape = shapeOf(s.buf)
	}
	drop := max(0, s.sent-behind)
	clear(s.buf[copy(s.buf, s.buf[drop:]):])
	s.buf, s.sent, s.base = s.buf[:len(s.buf)-drop], s.sent-drop, s.base+int64(drop)
	for key := range s.told {
		if key.start < s.base {
			delete(s.told, key)
		}
	}
}

// await passes on what is clean so far when the sender pauses: it may wait for an
// answer to it. What was compressed as a whole says nothing until its end.
func (s *Stream) await() {
	if s.whole || len(s.buf) == s.sent {
		return
	}
	s.timer = time.AfterFunc(s.pause, s.paused)
}

func (s *Stream) paused() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.timer == nil || s.err != nil {
		return
	}
	s.timer = nil
	if !s.begun {
		s.begin()
	}
	if s.whole {
		return
	}
	s.look(0, false)
	if len(s.buf) > behind+ahead+fresh { // it is held: the next look would cost as much
		s.pause = min(2*s.pause, longestPause)
	} else {
		s.pause = s.i.o.Limits.Pause
	}
	if s.err == nil {
		s.flush()
	}
}

// hush ends a wait for a pause.
func (s *Stream) hush() {
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
}

// flush has a buffered dst send what it was given.
func (s *Stream) flush() {
	f, ok := s.dst.(interface{ Flush() error })
	if !ok {
		return
	}
	if err := f.Flush(); err != nil {
		s.err = fmt.Errorf("passing a body on: %w", err)
	}
}

// longestMagic is how many bytes tell whether something is compressed.
const longestMagic = 6

// compressed says whether a body begins like one that is compressed as a whole:
// gzip (RFC 1952), ZIP (APPNOTE 4.3.7), zstd (RFC 8878), bzip2, xz, PDF (ISO 32000-1, 7.5.2).
func compressed(b []byte) bool {
	for _, magic := range [...][]byte{{0x1f, 0x8b}, {'P', 'K', 3, 4}, {0x28, 0xb5, 0x2f, 0xfd}, {'B', 'Z', 'h'}, {0xfd, '7', 'z', 'X', 'Z', 0}, []byte(documentHead)} {
		if bytes.HasPrefix(b, magic) {
			return true
		}
	}
	return false
}
