package capture_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/capture"
	"go.cordon.dev/cordon/internal/deception/service"
)

// Whoever begins one session after the other has no more kept of what he sends than his
// share of the day; what he does is kept, and so is all of others, and the next day's.
func TestOneAttackersEvidenceHasAShare(t *testing.T) {
	const share = 64 << 10
	now := clock.NewFake(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	r := newRoom(t, func(d *capture.Deps) { d.Share, d.Clock = share, now })
	visit := func(number int) {
		s := service.NewSession(r, now, "web-1", "ssh", client(number), local())
		screen := s.Screen(80, 24)
		s.Record(service.Command, bytes.Repeat([]byte("x"), 10<<10), field("line", "cat big"))
		screen.Output(bytes.Repeat([]byte("y"), 10<<10))
		s.End("the client left")
	}
	for range 20 {
		visit(1)
	}
	visit(2)
	now.Advance(24 * time.Hour)
	visit(1)
	r.done(t)
	first, others := r.kept(t, 1), r.kept(t, 2)
	if want := share/(10<<10) + 2; first.evidence+first.terminals > want || first.evidence == 0 || first.commands != 21 {
		t.Errorf("of the first: %+v; want all 21 commands, and evidence and terminals of at most %d", first, want)
	}
	if others.evidence != 1 || others.terminals != 1 {
		t.Errorf("of another: %+v, want all", others)
	}
	if n := strings.Count(r.log.String(), "used up his share"); n != 1 {
		t.Errorf("the operator is told %d times, want once", n)
	}
}

// kept is how much is kept of what a client sent.
type kept struct{ commands, evidence, terminals int }

func (r *room) kept(t *testing.T, number int) (k kept) {
	address := client(number).Addr().String()
	logs, err := r.Logs(t.Context(), capture.LogFilter{AttackerIP: address, EventType: string(service.Command)}, "", 1_000)
	must(t, err)
	k.commands = len(logs)
	for _, l := range logs {
		if l.HasMore {
			k.evidence++
		}
	}
	sessions, err := r.Sessions(t.Context(), capture.SessionFilter{AttackerIP: address, Recorded: true}, "", 1_000)
	must(t, err)
	for _, s := range sessions {
		if s.Transcript > 10<<10 {
			k.terminals++
		}
	}
	return k
}
