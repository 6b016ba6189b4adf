package dlp

import (
	"bytes"
	"cmp"
	"io"

	"go.cordon.dev/cordon/detect"
)

// Message is one thing that a program sends, a request for instance, of which
// several parts are looked at. It is for one goroutine at a time.
type Message struct {
	i       *Inspector
	program string // empty: what it sent before is not remembered
	trail   *trail // of the program, as of the latest look; nil: none
	id      uint64
	words   int // that were compared with what was sent before
}

// Message begins one of a program, whatever name the caller knows it by: a secret
// that is split over two of its messages is found as well. Without a name it
// stands for itself.
func (i *Inspector) Message(program string) *Message {
	return &Message{i: i, program: program, id: i.messages.Add(1)}
}

// Next begins another of the same program, as Inspector.Message does.
func (m *Message) Next() *Message { return m.i.Message(m.program) }

// Text is Inspector.Text of a part of the message.
func (m *Message) Text(where string, text []byte) Verdict {
	return m.scan(text, func(int64) string { return where })
}

// Alone is Inspector.Text: what it looks at is not joined to the rest of the message,
// so it may be asked while a Stream is open.
func (m *Message) Alone(where string, text []byte) Verdict { return m.i.Text(where, text) }

// Stream is Inspector.Stream of the message's body. Nothing else of the message
// may be looked at before it is closed.
func (m *Message) Stream(dst io.Writer, b Body) *Stream {
	if b.Where == "" {
		b.Where = "body"
	}
	return &Stream{i: m.i, m: m, dst: dst, b: b, next: ahead + fresh, pause: m.i.o.Limits.Pause, told: map[told]bool{}}
}

// scan looks at what is judged as a whole.
func (m *Message) scan(text []byte, where func(at int64) string) (v Verdict) {
	s := search{m: m, text: text, whole: true, where: where}
	report := s.run(func(f detect.Finding) bool {
		place := where(f.Start)
		if !m.i.counts(f, place) {
			return false
		}
		v.Findings = append(v.Findings, m.i.finding(f, place))
		return true
	})
	v.Findings = append(v.Findings, s.owned()...)
	for _, f := range s.files {
		v.Files = append(v.Files, f.file)
	}
	v.add(s.joined())
	v.Unseen = cmp.Or(unseen(report), s.unseen)
	if len(s.unread) > 0 {
		v.Unseen = cmp.Or(v.Unseen, s.unread[0].why())
	}
	return v
}

// search is one look at a text.
type search struct {
	m     *Message
	text  []byte
	base  int64 // of the text, in what is sent
	from  int64 // in the text: what ends before was looked at already
	whole bool  // nothing goes on behind the text
	where func(at int64) string

	pieces []piece // that may be parts of a secret
	small  bool    // the text is one of which every word may be one

	found  []span // of findings that count
	own    []ownSecret
	files  []sentFile
	unread []unreadPart
	keeps  func(File) bool // nil: nobody looks for files
	unseen string          // why not everything was looked for

	document int64 // of the text, where the first document begins; -1 if none does
}

// mostCounted is how many findings one look counts. A body of 8 MB may hold 200,000.
const mostCounted = 4096

// run has the engine look at the text, and notes on the way what it does not look
// for. emit says whether a finding counts.
func (s *search) run(emit func(detect.Finding) bool) detect.Report {
	s.small, s.document = len(s.text) <= smallText, -1
	if s.m.i.o.Files != nil {
		s.keeps = s.m.i.o.Files()
	}
	w := detect.Watch{Text: s.see}
	if s.m.program != "" {
		s.m.trail = s.m.i.trails.of(s.m.program) // what was long ago may be forgotten, and begun anew
		w.Begun = s.begun
	}
	each := func(f detect.Finding) bool {
		if emit(f) {
			s.found = append(s.found, span{f.Start, f.End})
		}
		if len(s.found) < mostCounted {
			return true
		}
		s.unseen = "it holds more findings than are counted"
		return false
	}
	s.m.i.scanned.Add(int64(len(s.text)))
	report := s.m.i.o.Scanner.ScanWatched(s.text, each, w)
	s.patterns(each)
	return report
}

// patterns looks for what else may not leave. The engine said already what of the
// text cannot be seen.
func (s *search) patterns(each func(detect.Finding) bool) {
	if s.m.i.o.Patterns == nil {
		return
	}
	switch scanner, err := s.m.i.o.Patterns(); {
	case err != nil:
		s.unseen = "the policy's patterns cannot be looked for"
	case scanner != nil:
		scanner.Scan(s.text, each)
	}
}

// see is shown every text, also what was decoded.
func (s *search) see(t detect.Text) {
	s.noteUnread(t)
	s.noteDocument(t)
	if s.m.trail != nil {
		s.notePieces(t)
	}
	if s.m.i.o.Own != nil {
		s.noteOwn(t)
	}
	if s.keeps != nil {
		s.noteFiles(t)
	}
}

// noteDocument notes where a PDF begins. Of those nobody can tell where they end.
func (s *search) noteDocument(t detect.Text) {
	for at := 0; s.document != 0; at += len(documentHead) {
		i := bytes.Index(t.Bytes[at:], []byte(documentHead))
		if i < 0 {
			return
		}
		at += i
		if end := at + len(documentHead); end == len(t.Bytes) || t.Bytes[end] >= '0' && t.Bytes[end] <= '9' {
			from, _ := t.Span(at, end)
			if s.document < 0 || from < s.document {
				s.document = from
			}
			return
		}
	}
}

// documentHead is how a PDF begins, with a version behind it (ISO 32000-1, 7.5.2).
const documentHead = "%PDF-"
