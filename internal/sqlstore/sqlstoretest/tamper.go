package sqlstoretest

import (
	"context"
	"slices"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/audit/audittest"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

// tamperScenarios change the rows themselves, as somebody with the database's
// password would.
func tamperScenarios() []scenario {
	tests := map[string]struct {
		statements []string
		kinds      []string
	}{
		"nothing is changed":          {nil, nil},
		"an edited record shows":      {[]string{"UPDATE audit_log SET reason = 'another' WHERE seq = 3"}, []string{audit.Changed}},
		"an edited last record shows": {[]string{"UPDATE audit_log SET actor_name = 'mallory' WHERE seq = 8"}, []string{audit.Changed}},
		"a deleted record shows":      {[]string{"DELETE FROM audit_log WHERE seq = 3"}, []string{audit.Missing}},
		"a cut end shows":             {[]string{"DELETE FROM audit_log WHERE seq > 7"}, []string{audit.Truncated}},
		"a cut end with a mended head shows by the checkpoint": {[]string{
			"DELETE FROM audit_log WHERE seq > 4",
			"UPDATE audit_head SET seq = 4, hash = (SELECT hash FROM audit_log WHERE seq = 4)",
		}, []string{audit.Truncated}},
		"an emptied log shows by the checkpoint": {[]string{"DELETE FROM audit_log", "DELETE FROM audit_head"}, []string{audit.Truncated}},
		"swapped records show": {[]string{
			"UPDATE audit_log SET seq = 100 WHERE seq = 2", "UPDATE audit_log SET seq = 2 WHERE seq = 3", "UPDATE audit_log SET seq = 3 WHERE seq = 100",
		}, []string{audit.Changed, audit.Changed, audit.Changed}},
		"an edited checkpoint shows": {[]string{"UPDATE audit_checkpoints SET hash = (SELECT hash FROM audit_log WHERE seq = 2) WHERE seq = 6"}, []string{audit.BadMark, audit.Rewritten}},
	}
	all := []scenario{{"a chain made anew with hashes that fit shows by the checkpoint", testRewritten}, {"records are listed and filtered", testAuditList}}
	for name, tt := range tests {
		all = append(all, scenario{name, func(t *testing.T, s *store.Store, _ *clock.Fake) { testTampered(t, s, tt.statements, tt.kinds) }})
	}
	return all
}

// signedLog has 8 records, the first 6 under a checkpoint.
func signedLog(t *testing.T, s *store.Store) *sqlstore.Audit {
	t.Helper()
	log, ctx := sqlstore.NewAudit(s), storetest.Context(t)
	n := audit.NewNotary(audit.NotaryDeps{Log: log, Signer: audittest.Signer(1)})
	for i := range 8 {
		by := entry([]string{"user.create", "user.change", "rule.update"}[i%3])
		by.Time, by.Target = noon.Add(time.Duration(i)*time.Second), []string{"even", "odd"}[i%2]
		must(t, log.RecordAudit(ctx, by))
		if i == 5 {
			_, err := n.Sign(ctx)
			must(t, err)
		}
	}
	return log
}

func testTampered(t *testing.T, s *store.Store, statements, want []string) {
	log := signedLog(t, s)
	for _, q := range statements {
		must(t, s.Write(storetest.Context(t), func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.ExecContext(ctx, q)
			return err
		}))
	}
	wantKinds(t, log, want)
}

func wantKinds(t *testing.T, log *sqlstore.Audit, want []string) {
	t.Helper()
	r, err := audit.Verify(storetest.Context(t), log, audittest.Signer(1))
	must(t, err)
	var kinds []string
	for _, p := range r.Problems {
		kinds = append(kinds, p.Kind)
	}
	if !slices.Equal(kinds, want) {
		t.Errorf("problems %+v, want %v", r.Problems, want)
	}
}

// testRewritten makes the records anew from the third on: every hash fits, and
// only the signature over the sixth tells.
func testRewritten(t *testing.T, s *store.Store, _ *clock.Fake) {
	log, ctx := signedLog(t, s), storetest.Context(t)
	records, err := log.AuditRecords(ctx, 0, 100)
	must(t, err)
	seq, hash := records[1].Seq, records[1].Hash
	for _, r := range records[2:] {
		r.Actor.Name = "mallory"
		forged := audit.Chain(seq, hash, r.Entry)
		seq, hash = forged.Seq, forged.Hash
		must(t, s.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.ExecContext(ctx, "UPDATE audit_log SET actor_name = ?, prev_hash = ?, hash = ? WHERE seq = ?", "mallory", forged.Prev, forged.Hash, forged.Seq)
			return err
		}))
	}
	must(t, s.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE audit_head SET hash = ?", hash)
		return err
	}))
	wantKinds(t, log, []string{audit.Rewritten})
}

func testAuditList(t *testing.T, s *store.Store, _ *clock.Fake) {
	log, ctx := signedLog(t, s), storetest.Context(t)
	for _, c := range []struct {
		f      audit.Filter
		before int64
		limit  int
		want   []int64
	}{
		{audit.Filter{}, 0, 3, []int64{8, 7, 6}},
		{audit.Filter{}, 6, 2, []int64{5, 4}},
		{audit.Filter{Action: "user.create"}, 0, 9, []int64{7, 4, 1}},
		{audit.Filter{Action: "user.*"}, 0, 3, []int64{8, 7, 5}},
		{audit.Filter{Action: "use.*"}, 0, 3, nil},
		{audit.Filter{Action: "user.*", Target: "odd"}, 8, 9, []int64{4, 2}},
		{audit.Filter{Actor: "nobody"}, 0, 9, nil},
		{audit.Filter{From: noon.Add(2 * time.Second), To: noon.Add(4 * time.Second)}, 0, 9, []int64{4, 3}},
	} {
		rs, err := log.ListAudit(ctx, c.f, c.before, c.limit)
		must(t, err)
		var got []int64
		for _, r := range rs {
			got = append(got, r.Seq)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v before %d: %v, want %v", c.f, c.before, got, c.want)
		}
	}
	last, err := log.LastCheckpoint(ctx)
	must(t, err)
	same(t, "checkpoint", int64(6), last.Seq)
	must(t, log.SaveCheckpoint(ctx, audit.Checkpoint{Seq: 6, Hash: "x", Time: noon}))
	again, err := log.Checkpoints(ctx, 0, 10)
	must(t, err)
	same(t, "checkpoints", []audit.Checkpoint{last}, again)
}
