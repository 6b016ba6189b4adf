package detect

import (
	"bytes"
	"cmp"
	"errors"
	"io"

	"go.cordon.dev/cordon/detect/pdf"
)

// A PDF (package pdf) is known by its head, anywhere in a text, and ends where the head of
// another begins. Its tables are not trusted, so that it is read as far as it goes.

const (
	documentHead = "%PDF-"
	documentEnd  = "%%EOF"
)

var errSpent = errors.New("the budget is used up")

// document scans the PDF that begins at i.
func (w *sweep) document(i int) {
	text := w.reach()
	if i < w.lo || i >= w.hi || i < w.done[documentMark] || !bytes.HasPrefix(text[i:], []byte(documentHead)) {
		return
	}
	end, behind := len(text), i+len(documentHead)
	if n := bytes.Index(text[behind:], []byte(documentHead)); n >= 0 {
		end = behind + n
	}
	if w.pdf(i, end, false) {
		w.documents.add(i, end)
	}
}

// documents are those of a text, one behind the other.
type documents struct {
	count    int
	from, to int
}

func (d *documents) add(from, to int) {
	if d.count == 0 {
		d.from = from
	}
	d.count, d.to = d.count+1, to
}

// lastDocuments looks at documents as at one: a head may stand within a file, which is
// then in pieces. What such a mixture does not let be read is none of its own.
func (w *sweep) lastDocuments() {
	if w.documents.count > 1 {
		w.pdf(w.documents.from, w.documents.to, true)
	}
}

// pdf scans the parts of a file, and says whether it is one. What it cannot take out is
// noted, unless the file is mixed of several.
func (w *sweep) pdf(from, to int, mixed bool) bool {
	file, err := pdf.Open(w.reach()[from:to])
	if errors.Is(err, pdf.ErrNone) { // a text about such files
		return false
	}
	w.lend(to)
	if !w.s.allowed(w.l, from, to, 0) {
		return true
	}
	if !bytes.Contains(w.reach()[from:to], []byte(documentEnd)) {
		w.s.note(w.l, from, to, ReasonUndecodable)
	}
	if err == nil {
		err = (&inside{w.s, w.l, piece{from, to}}).parts(file)
	}
	switch {
	case errors.Is(err, errSpent):
		w.s.note(w.l, from, to, ReasonBudget)
	case err != nil && !mixed:
		w.s.note(w.l, from, to, ReasonDocument)
	}
	return true
}

// inside is what is scanned by functions that are called back: a sweep that these knew
// would not stay on the stack, which every text would pay for.
type inside struct {
	s    *session
	l    *layer // in which it stands
	from piece  // of that
}

// parts scans the parts of a document, and returns why not all of them.
func (in *inside) parts(file *pdf.File) (err error) {
	for p := range file.Parts(func(r io.Reader) io.Reader { return &metered{r, in.s} }) {
		err = cmp.Or(err, in.part(p))
		if in.s.budget <= 0 {
			return errSpent
		}
	}
	return err
}

// part scans a part of a document, and returns why not all of it.
func (in *inside) part(p pdf.Part) error {
	child := in.s.layers.take()
	out := bytes.NewBuffer(child.text)
	err := p.Err
	if r := readOf(p); r != nil {
		_, failed := out.ReadFrom(r)
		err = cmp.Or(err, failed)
	}
	child.text = out.Bytes()
	if p.Plain { // what it was made of was counted, and may have been less
		in.s.spend(int64(len(child.text)))
	}
	n := len(in.s.hits)
	in.s.descend(child, in.l, "pdf", &in.from)
	in.s.forgetKnown(n)
	return err
}

// readOf is what of a part is looked at: nothing of a picture, unless it is text that only
// says so.
func readOf(p pdf.Part) io.Reader {
	if !p.Picture {
		return p.Reader
	}
	head := make([]byte, sampleSize)
	n, _ := io.ReadFull(p.Reader, head)
	if !readable(head[:n]) {
		return nil
	}
	return io.MultiReader(bytes.NewReader(head[:n]), p.Reader)
}

// mostCompared bounds with how many hits those of a document are compared.
const mostCompared = 1024

// forgetKnown drops the hits from n on that are known: a document says some of what it
// holds in plain text.
func (s *session) forgetKnown(n int) {
	kept, known := s.hits[:n], s.hits[max(0, n-mostCompared):n]
	for _, h := range s.hits[n:] {
		if !sameSecret(known, h) {
			kept = append(kept, h)
		}
	}
	clear(s.hits[len(kept):])
	s.hits = kept
}

func sameSecret(known []hit, h hit) bool {
	for i := range known {
		k := &known[i]
		if k.compiled == h.compiled && bytes.Equal(k.finding.Secret.Reveal(), h.finding.Secret.Reveal()) && overlap(k.from, k.to, h.from, h.to) {
			return true
		}
	}
	return false
}

// metered takes what is read through it off the budget.
type metered struct {
	r io.Reader
	s *session
}

func (m *metered) Read(p []byte) (int, error) {
	if m.s.budget <= 0 {
		return 0, errSpent
	}
	n, err := m.r.Read(p[:min(int64(len(p)), m.s.budget)])
	m.s.spend(int64(n))
	return n, err
}
