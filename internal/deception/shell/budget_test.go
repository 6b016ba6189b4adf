package shell

import (
	"math/rand/v2"
	"testing"
)

// What a login takes of what all may have is what it holds beyond the first little,
// whatever it did in which order, and at its end nothing.
func TestALedgerGivesBackWhatItTook(t *testing.T) {
	const most, all = 4 << 20, 3 << 20
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 1))
		shared := int64(0)
		more := func(n int64) bool {
			if n > 0 && shared+n > all {
				return false
			}
			shared += n
			return true
		}
		g, holds := &ledger{most: most, more: more}, []int64{}
		for range 300 {
			n := r.Int64N(200 << 10)
			switch r.IntN(4) {
			case 0, 1:
				if g.take(n) {
					holds = append(holds, n)
				}
			case 2:
				g.repeat(n)
				holds = append(holds, n)
			default:
				if len(holds) > 0 {
					i := r.IntN(len(holds))
					g.give(holds[i])
					holds = append(holds[:i], holds[i+1:]...)
				}
			}
			if shared < 0 || shared > all || shared+g.owed != beyond(g.used) {
				t.Fatalf("seed %d: holds %d, of which %d are taken and %d owed", seed, g.used, shared, g.owed)
			}
		}
		g.close()
		if shared != 0 || g.used != 0 || g.owed != 0 {
			t.Fatalf("seed %d: at the end %d are taken, %d held, %d owed", seed, shared, g.used, g.owed)
		}
	}
}

// A login has its own bound, and the little that it need not ask for.
func TestALedgerRefuses(t *testing.T) {
	for _, tt := range []struct {
		name string
		most int64
		more bool
		take []int64
		want []bool
	}{
		{"what is more than a login may have", 1 << 20, true, []int64{1 << 19, 1 << 20, 1 << 19}, []bool{true, false, true}},
		{"what all have no room for", 1 << 20, false, []int64{unshared / 2, unshared / 2, 1}, []bool{true, true, false}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := &ledger{most: tt.most, more: func(int64) bool { return tt.more }}
			for i, n := range tt.take {
				if got := g.take(n); got != tt.want[i] {
					t.Errorf("taking %d more is %v", n, got)
				}
			}
		})
	}
}
