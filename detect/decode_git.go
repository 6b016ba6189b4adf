package detect

import (
	"errors"

	"go.cordon.dev/cordon/detect/internal/gitpack"
)

// gitPack scans the objects of the pack of git that begins at i (package gitpack).
func (w *sweep) gitPack(i int) {
	text := w.reach()
	if i < w.lo || i >= w.hi || i < w.done[packedMark] || !gitpack.Begins(text[i:]) {
		return
	}
	w.lend(len(text))
	if !w.s.allowed(w.l, i, len(text), 0) {
		return
	}
	in := &inside{w.s, w.l, piece{i, w.hi}}
	end, decoded, err := gitpack.Read(text[i:], w.s.budget, in.object)
	w.s.spend(decoded)
	if why, to := unreadPack(err), i+end; why != "" {
		if errors.Is(err, gitpack.ErrCut) {
			to = len(text)
		}
		w.s.note(w.l, i, max(to, i+1), why)
	}
	w.pass(i + end)
}

// unreadPack says why the rest of a pack was not read.
func unreadPack(err error) Reason {
	switch {
	case errors.Is(err, gitpack.ErrCut):
		return ReasonUndecodable
	case errors.Is(err, gitpack.ErrBudget):
		return ReasonBudget
	case errors.Is(err, gitpack.ErrBroken):
		return ReasonUnreadable
	}
	return ""
}

// object scans what an object of a pack holds, which begins where in.from does. What is
// found in those behind a segment belongs to that in which the pack begins.
func (in *inside) object(t gitpack.Text) bool {
	from := piece{in.from.from + t.From, in.from.from + t.To}
	if from.from >= in.from.to {
		from.from = in.from.from
	}
	if t.Missing {
		in.s.note(in.l, from.from, from.to, ReasonMissing)
	}
	child := in.s.layers.take()
	child.text = append(child.text, t.Bytes...)
	in.s.descend(child, in.l, "git pack", &from)
	return true
}
