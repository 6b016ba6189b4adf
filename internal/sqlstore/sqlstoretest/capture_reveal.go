package sqlstoretest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/capture"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/incident"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

// tapeOf stores lines as a session's transcript, some to a chunk.
func tapeOf(t testing.TB, c taped, lines []string, perChunk int) (session string) {
	t.Helper()
	v := newVisit(id.New(), "web-1")
	var chunks []capture.Chunk
	for n := 0; n < len(lines); n += perChunk {
		text := strings.Join(lines[n:min(n+perChunk, len(lines))], "\n") + "\n"
		k := capture.Chunk{ID: id.New(), Day: "2026-03-01", Session: v.ID, Decky: v.Decky, Begins: v.Transcript, Bytes: int64(len(text))}
		k.Sealed = c.sealer.Seal("transcript:"+k.ID, []byte(text))
		chunks, v.Transcript = append(chunks, k), v.Transcript+k.Bytes
	}
	c.keep(t, capture.Batch{Sessions: []capture.Session{v}, Chunks: chunks})
	return v.ID
}

func testTranscript(t *testing.T, s *store.Store, _ *clock.Fake) {
	c := newTape(t, s)
	var lines []string
	for n := range 200 {
		lines = append(lines, fmt.Sprintf(`[%d, "o", %q]`, n, strings.Repeat("x", n%7)))
	}
	session, ctx := tapeOf(t, c, lines, 3), storetest.Context(t) // more chunks than are read at once
	tapeOf(t, c, lines[:9], 2)
	for _, limit := range []int{1, 7, 150, 1_000} {
		var got []string
		pages := 0
		for at := int64(0); ; pages++ {
			page, err := c.Transcript(ctx, "web-1", session, at, limit, entry("transcript.read"))
			must(t, err)
			if len(page.Lines) > limit || page.Total != int64(len(strings.Join(lines, "\n"))+1) {
				t.Fatalf("%d lines of %d bytes", len(page.Lines), page.Total)
			}
			if len(page.Lines) == 0 {
				break
			}
			got, at = append(got, page.Lines...), page.Next
		}
		same(t, fmt.Sprint("in pages of ", limit), lines, got)
		if want := (len(lines) + limit - 1) / limit; pages != want {
			t.Errorf("%d pages of %d, want %d", pages, limit, want)
		}
	}
	page, err := c.Transcript(ctx, "web-1", session, int64(len(lines[0])), 1, entry("transcript.read")) // within the first line
	must(t, err)
	same(t, "from within a line", lines[1:2], page.Lines)
	if _, err := c.Transcript(ctx, "web-2", session, 0, 1, entry("transcript.read")); !errors.Is(err, capture.ErrNotFound) {
		t.Errorf("of another decky: %v", err)
	}
}

func testReveal(t *testing.T, s *store.Store, _ *clock.Fake) {
	c, ctx := newTape(t, s), storetest.Context(t)
	e := newEntry(t, 1, id.New(), "web-1")
	e.Sealed = c.sealer.Seal("log:"+e.ID, []byte(`{"raw":"aWQK"}`))
	a := newAttempt(c, "root", "hunter2")
	loot := newLoot(e.Session, e.ID)
	c.keep(t, capture.Batch{Entries: []capture.Entry{e, newEntry(t, 2, e.Session, "web-1")}, Attempts: []capture.Attempt{a}, Artifacts: []capture.Artifact{loot}})
	got, err := c.RevealLog(ctx, e.ID, entry("log.reveal"))
	must(t, err)
	same(t, "evidence", "id\n", string(got.Raw))
	if _, err := c.Reveal(ctx, a.ID, entry("credential.reveal")); err != nil {
		t.Error(err)
	}
	if _, _, err := c.RevealArtifact(ctx, loot.ID, entry("artifact.reveal")); !errors.Is(err, capture.ErrNoData) {
		t.Errorf("an artifact of another node: %v", err)
	}
	if _, err := c.RevealLog(ctx, "nobody", entry("log.reveal")); !errors.Is(err, capture.ErrNotFound) {
		t.Errorf("a log that there is not: %v", err)
	}
	same(t, "audit log", "log.reveal credential.reveal artifact.reveal", strings.Join(actions(t, s), " "))

	must(t, s.Close()) // nothing can be recorded now
	if shown, err := c.Reveal(ctx, a.ID, entry("credential.reveal")); err == nil || !shown.Secret.IsZero() {
		t.Errorf("without a record: %v", err)
	}
}

func testDropCaptured(t *testing.T, s *store.Store, _ *clock.Fake) {
	c := newTape(t, s)
	session := tapeOf(t, c, []string{"a", "b", "c"}, 1)
	var many []capture.Entry
	for n := range 600 {
		many = append(many, newEntry(t, n, session, "web-1"))
	}
	old, young := newAttempt(c, "root", "old"), newAttempt(c, "root", "young")
	young.LastSeen = time.Now().Add(48 * time.Hour)
	c.keep(t, capture.Batch{Entries: many, Artifacts: []capture.Artifact{newLoot(session, many[0].ID)}, Attempts: []capture.Attempt{old, young}})
	same(t, "dropped too early", 1, drop(t, s, sqlstore.KeptCaptured, time.Now().Add(-time.Hour))) // by when it was tried: at noon, long ago
	same(t, "dropped", 600+3+1+1+2, drop(t, s, sqlstore.KeptCaptured, time.Now().Add(time.Hour)))
	left, err := c.Credentials(storetest.Context(t), capture.CredentialFilter{}, "", 9)
	if err != nil || len(left) != 1 || left[0].ID != young.ID {
		t.Errorf("left: %+v, %v", left, err)
	}
	if _, err := c.Session(storetest.Context(t), session); !errors.Is(err, capture.ErrNotFound) {
		t.Errorf("the session: %v", err)
	}
}

// The leak sensor may be late: then the incident has what was tried on its timeline
// from the beginning, and the clear text is gone.
func testTriedBeforeFound(t *testing.T, s *store.Store, _ *clock.Fake) {
	c, i := newTape(t, s), sqlstore.NewIncidents(s)
	a, other := newAttempt(c, "root", "tried"), newAttempt(c, "root", "other")
	a.Accepted = true
	c.keep(t, capture.Batch{Attempts: []capture.Attempt{a, other}})
	observe(t, i, 1, observation(a.Fingerprint, incident.Leak), observation("v1:k:nobody", incident.Leak))
	all, err := i.ListIncidents(storetest.Context(t), incident.Filter{Fingerprint: a.Fingerprint}, "", 9)
	must(t, err)
	if len(all) != 1 || all[0].Join != incident.LeakedSecretInUse || all[0].SourceIP != a.AttackerIP || all[0].Observations != 2 {
		t.Errorf("incidents %+v", all)
	}
	lines, err := i.Timeline(storetest.Context(t), all[0].ID, "", 9)
	if err != nil || len(lines) != 2 || !strings.HasSuffix(lines[0].Words, `as "root": let in`) || !lines[0].At.Equal(a.LastSeen) {
		t.Errorf("timeline %+v, %v", lines, err)
	}
	if _, err := c.Reveal(storetest.Context(t), a.ID, entry("credential.reveal")); !errors.Is(err, capture.ErrNoSecret) {
		t.Errorf("revealed, %v", err)
	}
	if _, err := c.Reveal(storetest.Context(t), other.ID, entry("credential.reveal")); err != nil {
		t.Errorf("another: %v", err)
	}
}
