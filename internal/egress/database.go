package egress

import (
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress/sniff"
)

// maxAsks bounds the questions before a PostgreSQL session: one about GSS, one
// about TLS, and the session itself.
const maxAsks = 3

// servePostgres passes a client's questions about encryption on, one byte of
// answer each, until it is clear whether the session is encrypted. Only then
// is the session itself judged and let through.
func (t *tunnel) servePostgres(g sniff.Guess) (cut string) {
	if d := t.judge(sniff.Guess{Protocol: policy.Postgres, TLS: true}); !d.Allowed() { // so far
		return t.refuse(d, g)
	}
	if _, ok := t.f.allow(); !ok {
		return t.drop()
	}
	for range maxAsks {
		answer, ok := t.ask()
		if !ok {
			return t.drop()
		}
		if answer == 'G' || answer != 'S' && answer != 'N' {
			return t.session(sniff.Guess{Protocol: policy.Postgres})
		}
		next, bad := t.firstBytes()
		switch {
		case bad != nil:
			return t.refuse(*bad, next)
		case answer == 'S' && !next.TLS:
			return t.refuse(denial(ReasonBadRequest, "the server agreed to TLS, and the client does not speak it"), next)
		case next.Asks == sniff.NoAsk:
			return t.session(sniff.Guess{Protocol: policy.Postgres, TLS: answer == 'S'})
		}
	}
	return t.refuse(denial(ReasonBadRequest, "the client asks about encryption again and again"), g)
}

// ask passes one question of 8 bytes on, and one byte of answer back.
func (t *tunnel) ask() (answer byte, ok bool) {
	if !t.forward(8) {
		return 0, false
	}
	_ = t.up.conn.SetReadDeadline(time.Now().Add(t.c.g.o.Limits.Head))
	if len(t.up.r.Buffered()) == 0 && t.up.r.Fill(sniff.MaxFirst) != nil {
		return 0, false
	}
	_ = t.up.conn.SetReadDeadline(time.Time{})
	answer = t.up.r.Buffered()[0]
	t.up.r.Discard(1)
	_, err := t.c.conn.Write([]byte{answer})
	return answer, err == nil
}

// forward passes n of the client's buffered bytes on.
func (t *tunnel) forward(n int) bool {
	_, _ = t.up.w.Write(t.c.r.Buffered()[:n])
	t.c.r.Discard(n)
	return t.up.w.Flush() == nil
}

// session judges, within an allowed flow, what it turned out to be, and moves
// bytes both ways.
func (t *tunnel) session(g sniff.Guess) (cut string) {
	if d := t.judge(g); !d.Allowed() {
		return t.refuse(d, g)
	}
	return t.c.splice(t.up, t.f)
}
