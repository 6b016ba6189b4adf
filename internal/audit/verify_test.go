package audit_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/audit/audittest"
)

// signed is a log of 12 records with checkpoints at 5 and 10, and what an
// operator exported at 10.
func signed(t *testing.T) (*audittest.Log, audit.Checkpoint) {
	t.Helper()
	log := &audittest.Log{}
	n := audit.NewNotary(audit.NotaryDeps{Log: log, Signer: audittest.Signer(1)})
	for i := 1; i <= 12; i++ {
		if err := log.RecordAudit(t.Context(), entry(i)); err != nil {
			t.Fatal(err)
		}
		if i == 5 || i == 10 {
			if _, err := n.Sign(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	return log, log.Marks[1]
}

// rewrite makes the chain anew from record n on, with hashes that fit.
func rewrite(log *audittest.Log, n int) {
	seq, hash := log.Records[n-1].Seq-1, log.Records[n-1].Prev
	for i := n - 1; i < len(log.Records); i++ {
		e := log.Records[i].Entry
		e.Actor.Name = "mallory"
		log.Records[i] = audit.Chain(seq, hash, e)
		seq, hash = log.Records[i].Seq, log.Records[i].Hash
	}
	log.Seq, log.Hash = seq, hash
}

func cut(log *audittest.Log, n int) {
	log.Records = log.Records[:n]
	log.Seq, log.Hash = log.Records[n-1].Seq, log.Records[n-1].Hash
}

func TestVerifyFindsWhatWasDone(t *testing.T) {
	tests := []struct {
		name   string
		tamper func(l *audittest.Log)
		kinds  []string // without the exported checkpoint
		with   []string // with it
	}{
		{"nothing", func(*audittest.Log) {}, nil, nil},
		{"a record edited", func(l *audittest.Log) { l.Records[6].Reason = "x" }, []string{audit.Changed}, []string{audit.Changed}},
		{"a record deleted", func(l *audittest.Log) { l.Records = slices.Delete(l.Records, 6, 7) }, []string{audit.Missing}, []string{audit.Missing}},
		{"a signed record deleted", func(l *audittest.Log) { l.Records = slices.Delete(l.Records, 4, 5) }, []string{audit.Missing, audit.Missing}, []string{audit.Missing, audit.Missing}},
		{"two records swapped", func(l *audittest.Log) {
			l.Records[6].Seq, l.Records[7].Seq = l.Records[7].Seq, l.Records[6].Seq
			l.Records[6], l.Records[7] = l.Records[7], l.Records[6]
		}, []string{audit.Changed, audit.Changed, audit.Changed}, []string{audit.Changed, audit.Changed, audit.Changed}},
		{"the end cut off", func(l *audittest.Log) { l.Records = l.Records[:11] }, []string{audit.Truncated}, []string{audit.Truncated}},
		{"the end cut off, the head mended", func(l *audittest.Log) { cut(l, 8) }, []string{audit.Truncated}, []string{audit.Truncated, audit.Truncated}},
		{"the chain made anew", func(l *audittest.Log) { rewrite(l, 7) }, []string{audit.Rewritten}, []string{audit.Rewritten, audit.Rewritten}},
		{"the head moved", func(l *audittest.Log) { l.Hash = l.Records[3].Hash }, []string{audit.Rewritten}, []string{audit.Rewritten}},
		{"a checkpoint edited", func(l *audittest.Log) { l.Marks[0].Seq = 4 }, []string{audit.BadMark, audit.Rewritten}, []string{audit.BadMark, audit.Rewritten}},
		{"the chain made anew and signed by another key", func(l *audittest.Log) {
			rewrite(l, 7)
			l.Marks[1] = audittest.Signer(9).Sign(10, l.Records[9].Hash, time.Now())
		}, []string{audit.BadMark}, []string{audit.Rewritten, audit.BadMark}},
		{"the chain made anew, checkpoints removed", func(l *audittest.Log) { rewrite(l, 7); l.Marks = l.Marks[:1] }, nil, []string{audit.Rewritten}},
		{"the end cut off, checkpoints removed", func(l *audittest.Log) { cut(l, 8); l.Marks = l.Marks[:1] }, nil, []string{audit.Truncated}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			log, exported := signed(t)
			tt.tamper(log)
			wantKinds(t, log, tt.kinds)
			wantKinds(t, log, tt.with, exported)
		})
	}
}

func wantKinds(t *testing.T, log audit.Log, want []string, against ...audit.Checkpoint) {
	t.Helper()
	r, err := audit.Verify(t.Context(), log, audittest.Signer(1), against...)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, p := range r.Problems {
		kinds = append(kinds, p.Kind)
	}
	if !slices.Equal(kinds, want) || r.OK() != (len(want) == 0) {
		t.Errorf("against %d: got %+v, want %v", len(against), r.Problems, want)
	}
}

func TestAReportSaysWhatItRead(t *testing.T) {
	log, _ := signed(t)
	r, err := audit.Verify(t.Context(), log, audittest.Signer(1))
	if err != nil || r.Records != 12 || r.Seq != 12 || r.Hash != log.Hash || r.Checkpoints != 2 || r.Signed != 10 {
		t.Errorf("got %+v, %v", r, err)
	}
	if r, err := audit.Verify(t.Context(), &audittest.Log{}, audittest.Signer(1)); err != nil || !r.OK() || r.Hash != audit.Genesis {
		t.Errorf("of an empty log: %+v, %v", r, err)
	}
}

func TestAReportIsBounded(t *testing.T) {
	log := &audittest.Log{}
	for i := range 300 {
		_ = log.RecordAudit(t.Context(), entry(i))
		log.Records[i].Reason = "changed"
	}
	r, err := audit.Verify(t.Context(), log, audittest.Signer(1))
	if err != nil || len(r.Problems) != 100 || r.More != 200 {
		t.Errorf("%d problems and %d more, %v", len(r.Problems), r.More, err)
	}
}

// A key that was replaced signed what is there: its checkpoints stay good.
func TestACheckpointOfAReplacedKeyIsGood(t *testing.T) {
	log, _ := signed(t)
	both, err := audit.NewSigner(audittest.Seed(2), audittest.Seed(1))
	if err != nil {
		t.Fatal(err)
	}
	if r, err := audit.Verify(t.Context(), log, both); err != nil || !r.OK() || r.Signed != 10 {
		t.Errorf("got %+v, %v", r, err)
	}
	if r, err := audit.Verify(t.Context(), log, audittest.Signer(2)); err != nil || r.OK() {
		t.Errorf("without the old key: %+v, %v", r, err)
	}
}

func TestEveryPartOfACheckpointIsSigned(t *testing.T) {
	signer := audittest.Signer(1)
	c := signer.Sign(7, audit.Genesis, time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC))
	if err := signer.Check(c); err != nil {
		t.Fatal(err)
	}
	other := audittest.Signer(2).Sign(7, audit.Genesis, c.Time)
	for name, change := range map[string]func(*audit.Checkpoint){
		"seq":              func(c *audit.Checkpoint) { c.Seq++ },
		"hash":             func(c *audit.Checkpoint) { c.Hash = strings.Repeat("1", 64) },
		"time":             func(c *audit.Checkpoint) { c.Time = c.Time.Add(time.Microsecond) },
		"signature":        func(c *audit.Checkpoint) { c.Signature = other.Signature },
		"no signature":     func(c *audit.Checkpoint) { c.Signature = "" },
		"key":              func(c *audit.Checkpoint) { c.PublicKey = other.PublicKey },
		"key and its name": func(c *audit.Checkpoint) { c.PublicKey, c.KeyID = other.PublicKey, other.KeyID },
		"name of the key":  func(c *audit.Checkpoint) { c.KeyID = other.KeyID },
	} {
		changed := c
		change(&changed)
		if err := signer.Check(changed); !errors.Is(err, audit.ErrSignature) {
			t.Errorf("a changed %s: %v", name, err)
		}
	}
	if err := signer.Check(other); !errors.Is(err, audit.ErrForeignKey) {
		t.Errorf("of another installation: %v", err)
	}
}

func notary(log audit.Log) *audit.Notary {
	return audit.NewNotary(audit.NotaryDeps{Log: log, Signer: audittest.Signer(1)})
}

func TestANotarySignsOnceForOneHead(t *testing.T) {
	log := &audittest.Log{}
	n := notary(log)
	if _, err := n.Sign(t.Context()); !errors.Is(err, audit.ErrNoCheckpoint) {
		t.Errorf("an empty log: %v", err)
	}
	_ = log.RecordAudit(t.Context(), entry(1))
	first, err := n.Sign(t.Context())
	if err != nil || first.Seq != 1 {
		t.Fatalf("got %+v, %v", first, err)
	}
	if again, err := n.Sign(t.Context()); err != nil || again != first || len(log.Marks) != 1 {
		t.Errorf("again: %+v, %v, %d checkpoints", again, err, len(log.Marks))
	}
}

func TestANotaryDoesNotSignWhatWasTamperedWith(t *testing.T) {
	for name, tamper := range map[string]func(*audittest.Log){
		"rewritten": func(l *audittest.Log) { rewrite(l, 11); l.Records[10].Prev = "x" },
		"edited":    func(l *audittest.Log) { l.Records[11].Reason = "x" },
		"cut":       func(l *audittest.Log) { cut(l, 8) },
		"head":      func(l *audittest.Log) { l.Seq = 20 },
		"anew":      func(l *audittest.Log) { rewrite(l, 10) },
	} {
		log, _ := signed(t)
		n := notary(log)
		tamper(log)
		if _, err := n.Sign(t.Context()); !errors.Is(err, audit.ErrBroken) || !errors.Is(n.Broken(), audit.ErrBroken) || len(log.Marks) != 2 {
			t.Errorf("%s: %v, broken %v, %d checkpoints", name, err, n.Broken(), len(log.Marks))
		}
	}
}

// The notary signs what is there at once, then after a minute or a thousand
// records, and when it is told to end.
func TestANotaryWorksByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &audittest.Log{}
		n := audit.NewNotary(audit.NotaryDeps{Log: log, Signer: audittest.Signer(1)})
		add := func(records int) {
			for i := range records {
				_ = log.RecordAudit(t.Context(), entry(i))
			}
		}
		after := func(d time.Duration, want ...int64) {
			t.Helper()
			time.Sleep(d) // the bubble's clock
			synctest.Wait()
			var got []int64
			marks, err := log.Checkpoints(t.Context(), 0, 100)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range marks {
				got = append(got, c.Seq)
			}
			if !slices.Equal(got, want) {
				t.Fatalf("signed %v, want %v", got, want)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		add(1)
		go func() { ended <- n.Run(ctx) }()
		after(0, 1)
		add(3)
		after(50*time.Second, 1)
		after(10*time.Second, 1, 4)
		add(1000)
		after(10*time.Second, 1, 4, 1004)
		add(1)
		cancel()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		after(0, 1, 4, 1004, 1005)
	})
}
