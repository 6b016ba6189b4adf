package store

import (
	"testing"

	"go.cordon.dev/cordon/internal/event"
)

// some are the records of numbers, each with so many bytes of data.
func some(from, to int64, size int) (all []event.Record) {
	for seq := from; seq <= to; seq++ {
		all = append(all, event.Record{Cursor: event.Cursor{Day: "2026-03-14", Seq: seq}, Event: event.Event{Data: make([]byte, size)}})
	}
	return all
}

func TestTheEndOfTheLog(t *testing.T) {
	type read struct {
		after int64
		limit int
		want  [2]int64 // the first and the last; zero: none
	}
	for name, tc := range map[string]struct {
		add   [][]event.Record
		reads []read
	}{
		"nothing was written": {nil, []read{{0, 10, [2]int64{}}}},
		"what is behind a place": {
			[][]event.Record{some(1, 3, 1), some(4, 5, 1)},
			[]read{{0, 10, [2]int64{1, 5}}, {2, 10, [2]int64{3, 5}}, {2, 2, [2]int64{3, 4}}, {5, 10, [2]int64{}}, {9, 10, [2]int64{}}},
		},
		"what was there before is the database's": {
			[][]event.Record{some(100, 102, 1)},
			[]read{{98, 10, [2]int64{}}, {99, 10, [2]int64{100, 102}}},
		},
		"behind a gap another process wrote": {
			[][]event.Record{some(1, 3, 1), some(5, 6, 1)},
			[]read{{0, 10, [2]int64{}}, {3, 10, [2]int64{}}, {4, 10, [2]int64{5, 6}}},
		},
		"many are bounded": {
			[][]event.Record{some(1, recentRecords, 1), some(recentRecords+1, recentRecords+1, 1)},
			[]read{{0, 10, [2]int64{}}, {recentRecords / 2, 5000, [2]int64{}}, {recentRecords/2 + 1, 5000, [2]int64{recentRecords/2 + 2, recentRecords + 1}}},
		},
		"large ones are bounded": {
			[][]event.Record{some(1, 8, 1<<20), some(9, 9, 1<<20)},
			[]read{{0, 10, [2]int64{}}, {5, 10, [2]int64{6, 9}}},
		},
		"one that is too large is not kept": {
			[][]event.Record{some(1, 1, recentBytes+1)},
			[]read{{0, 10, [2]int64{}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var r recent
			for _, records := range tc.add {
				r.add(records)
			}
			for _, q := range tc.reads {
				got := r.after(event.Cursor{Seq: q.after}, q.limit)
				var ends [2]int64
				if n := len(got); n > 0 {
					ends = [2]int64{got[0].Cursor.Seq, got[n-1].Cursor.Seq}
					if int64(n) != ends[1]-ends[0]+1 {
						t.Errorf("behind %d: %d records between %d and %d", q.after, n, ends[0], ends[1])
					}
				}
				if ends != q.want {
					t.Errorf("behind %d, at most %d: %v, want %v", q.after, q.limit, ends, q.want)
				}
			}
		})
	}
}

func TestWhatWasForgottenIsTheDatabases(t *testing.T) {
	var r recent
	r.add(some(1, 3, 1))
	r.forget()
	if got := r.after(event.Cursor{}, 10); len(got) != 0 {
		t.Errorf("%d records, want none", len(got))
	}
	r.add(some(4, 4, 1))
	if got := r.after(event.Cursor{Seq: 3}, 10); len(got) != 1 {
		t.Errorf("%d records behind the third, want the fourth", len(got))
	}
}
