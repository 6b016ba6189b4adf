package capture_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/capture"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/store"
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

// Whoever floods deckies with what is cheap has so many rows of each kind on a day, and
// no more sessions than rows; what he does besides is on record, and so is all of others.
// How much was left out is told, exactly.
func TestOneAttackersRowsHaveAShare(t *testing.T) {
	const rows, visits = 10, 40
	now := clock.NewFake(noon)
	first := newRoom(t, nil)
	r := openRoom(t, t.TempDir(), first.store, func(d *capture.Deps) { d.Rows, d.Clock, d.Tell = rows, now, emitter(first) })
	visit := func(number int, command bool) {
		s := service.NewSession(r, now, "web-1", "http", client(number), local())
		s.Record(service.Request, nil, field("path", "/"))
		s.Attempt(service.Credential{Kind: service.Plaintext, Principal: "root", Secret: []byte("x")})
		if command {
			s.Record(service.Command, nil, field("line", "id"))
		}
		s.End("the client left")
	}
	for range visits {
		visit(1, false)
	}
	visit(1, true)
	visit(2, false)
	now.Advance(24 * time.Hour)
	visit(1, false)
	r.done(t)

	got := map[string]int{}
	for _, l := range r.logsOf(t, 1) {
		got[l.EventType]++
	}
	want := map[string]int{"connected": rows + 1, "request": rows + 1, "login_attempt": rows + 1, "command": 1, "disconnected": rows + 2}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("logs of the first (-want +got):\n%s", diff)
	}
	sessions, err := r.Sessions(t.Context(), capture.SessionFilter{AttackerIP: client(1).Addr().String()}, "", 1_000)
	must(t, err)
	left := uint64(0)
	for _, s := range sessions {
		left += s.Dropped
	}
	if len(sessions) != rows+2 || left != 3 {
		t.Errorf("%d sessions, which say that %d observations are missing; want %d and the 3 of the one with a command", len(sessions), left, rows+2)
	}
	if k := len(r.logsOf(t, 2)); k != 4 {
		t.Errorf("of another %d logs are kept, want all 4", k)
	}
	if told, n := r.unrecorded(t), uint64(3*(visits+1-rows)); len(told) != 1 || told[0].Observations != n || told[0].Day != "2026-11-22" || strings.Join(told[0].Types, " ") != "connected login_attempt request" || r.Stats().Unkept != n {
		t.Errorf("told %+v, counted %d, want %d once", told, r.Stats().Unkept, n)
	}
}

// While the disk is nearly full what attackers send is not kept, when it is fuller nothing
// of theirs; both are told.
func TestLittleRoomOnTheDiskEndsEvidenceFirst(t *testing.T) {
	var room atomic.Int64
	first := newRoom(t, nil)
	r := openRoom(t, t.TempDir(), first.store, func(d *capture.Deps) {
		d.Room, d.Tell = func() capture.Room { return capture.Room(room.Load()) }, emitter(first)
	})
	r.run(t)
	for _, is := range []capture.Room{capture.Plenty, capture.WordsOnly, capture.None} {
		room.Store(int64(is))
		s := service.NewSession(r, clock.Real{}, "web-1", "ssh", client(1), local())
		s.Screen(80, 24).Output([]byte("hello"))
		s.Record(service.Command, []byte("id"), field("line", "id"))
		s.Keep(service.Artifact{Kind: "upload", Path: "/tmp/x", Data: []byte{byte(is), 1, 2}})
		s.End("the client left")
		eventually(t, "it to be stored", func() bool { return r.Stats().Queued == 0 && r.Stats().Stored == uint64(6*(int(is)+1)) })
	}
	r.done(t)
	logs := r.logsOf(t, 1)
	with := 0
	for _, l := range logs {
		if l.HasMore {
			with++
		}
	}
	if len(logs) != 8 || with != 2 {
		t.Errorf("%d logs, %d with evidence; want those of two sessions, and the evidence of one", len(logs), with)
	}
	files, err := r.Artifacts(t.Context(), capture.ArtifactFilter{}, "", 10)
	if err != nil || len(files) != 2 || files[0].Kept != 0 || files[1].Kept != 3 {
		t.Errorf("artifacts: %+v, %v", files, err)
	}
	if told := r.unrecorded(t); len(told) == 0 || told[len(told)-1].Observations != 3 || told[len(told)-1].EvidenceBytes == 0 {
		t.Errorf("told %+v, want 3 observations and some evidence", told)
	}
}

// What cannot be told now is told later, and once.
func TestWhatWasLeftOutIsToldWhenTheStoreIsBack(t *testing.T) {
	now := clock.NewFake(noon)
	var away atomic.Bool
	away.Store(true)
	first := newRoom(t, nil)
	r := openRoom(t, t.TempDir(), first.store, func(d *capture.Deps) {
		d.Rows, d.Clock = 1, now
		d.Tell = func(ctx context.Context, e event.Event) error {
			if away.Load() {
				return errors.New("the store is away")
			}
			return emitter(first)(ctx, e)
		}
	})
	stop := r.run(t)
	for range 3 {
		service.NewSession(r, now, "web-1", "http", client(1), local()).End("the client left")
	}
	eventually(t, "it to be left out", func() bool { now.Advance(time.Second); return r.Stats().Unkept == 2 })
	away.Store(false)
	eventually(t, "it to be told", func() bool { now.Advance(time.Minute); return len(r.unrecorded(t)) > 0 })
	stop()
	r.done(t)
	if told := r.unrecorded(t); len(told) != 1 || told[0].Observations != 2 {
		t.Errorf("told %+v, want 2 once", told)
	}
}

// emitter stores events in a room's store, as the node does.
func emitter(r *room) func(context.Context, event.Event) error {
	return func(ctx context.Context, e event.Event) error {
		return r.store.Write(ctx, func(_ context.Context, tx *store.Tx) error { return tx.Emit(e) })
	}
}

func (r *room) logsOf(t *testing.T, number int) []capture.Log {
	t.Helper()
	logs, err := r.Logs(t.Context(), capture.LogFilter{AttackerIP: client(number).Addr().String()}, "", 1_000)
	must(t, err)
	return logs
}

// unrecorded is what was told of what is not kept.
func (r *room) unrecorded(t *testing.T) (out []event.AttackerUnrecorded) {
	t.Helper()
	for _, e := range r.events(t) {
		if e.Topic == event.TopicAttackerUnrecorded {
			var p event.AttackerUnrecorded
			must(t, json.Unmarshal(e.Data, &p))
			out = append(out, p)
		}
	}
	return out
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
