package file

import (
	"testing"
	"time"
)

// Windows between two operations in which a rotator's step made the follower read
// a file twice, or never, or say that something was lost. Each was met once; the
// steps marked "now" are tried before each operation.
func TestWindowsThatWereOpen(t *testing.T) {
	nine := inTurn(write(9))
	made := inTurn(rename("", ".1"), create)
	tests := map[string]struct {
		script
		soon int // steps before the look
		now  int // steps at the operation
		rest int // so many operations later the others are taken; 0: in a later look
		age  time.Duration
		halt bool // the follower is stopped at that operation
	}{
		"a file is renamed by linking and unlinking, and has two names": {
			script: script{fresh: true, before: inTurn(written(".1", 4), write(9)), steps: inTurn(link(".1", ".2"), remove(".1"), made, write(3))},
			now:    1,
		},
		"a file is copied and truncated between listing and comparing": {
			script: script{before: nine, steps: inTurn(copied(".1"), write(3))},
			now:    3,
		},
		"a file that nobody has read is truncated after its copy was looked at": {
			script: script{fresh: true, before: nine, steps: inTurn(copied(".1"), write(3))},
			soon:   2, now: 2, age: 2 * keepOpen,
		},
		"a file that nobody has read is copied and truncated after it was opened": {
			script: script{fresh: true, before: nine, steps: inTurn(copied(".1"), write(3))},
			now:    4,
		},
		"a file is truncated and written to within one reading": {
			script: script{fresh: true, before: nine, steps: inTurn(copied(".1"), write(30))},
			now:    4, age: patience / 2,
		},
		"a copy is noted of a file that nobody has read, and is not one of what is read": {
			script: script{fresh: true, before: nine, steps: inTurn(copied(".1"), write(1), rename(".1", ".2"), copied(".1"), write(1))},
			soon:   2, now: 5, rest: 4,
		},
		"a file is listed empty, and its copy, made meanwhile, is taken for another": {
			script: script{before: nine, steps: inTurn(copied(day), write(2), copied(nextDay), write(1))},
			soon:   3, now: 2, age: 2 * keepOpen,
		},
		"a file is compressed before anyone looks, and not yet removed": {
			script: script{fresh: true, before: nine, steps: inTurn(made, compressed(".1"), write(1))},
			soon:   5, now: 1, age: patience / 2,
		},
		"a copy is compressed before anyone knows it, and not yet removed": {
			script: script{before: nine, steps: inTurn(copied(".1"), compressed(".1"), write(1))},
			soon:   6, now: 1, age: patience / 2,
		},
		"compressing takes its time": {
			script: script{before: nine, steps: inTurn(made, compressed(".1"), write(1))},
			soon:   3, now: 1, age: 2 * patience,
		},
		"compressing takes its time, and Cordon is stopped": {
			script: script{before: nine, steps: inTurn(made, compressed(".1"), write(1))},
			soon:   4, now: 0, age: 2 * patience, halt: true,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e := &explorer{t: t, sc: tt.script, dir: t.TempDir(), with: newTools()}
			for i, ops := 0, 1; i < ops; i++ {
				how := schedule{at: make([]int, len(tt.steps)), halt: -1, age: tt.age}
				for j := tt.soon; j < len(how.at); j++ {
					switch {
					case j < tt.soon+tt.now:
						how.at[j] = i
					case tt.rest > 0:
						how.at[j] = i + tt.rest
					default:
						how.at[j] = afterwards
					}
				}
				if tt.halt {
					how.halt = i
				}
				ops = e.play(how)
			}
		})
	}
}

// A copy is made after a folder was listed, and has another name each time its
// state is asked for: two lists agree that there is none.
func TestAFileThatIsListedUnderNoName(t *testing.T) {
	sc := script{before: inTurn(write(9)), steps: inTurn(copied(".1"), write(12), compressed(".1"), rename(".1.gz", ".2.gz"))}
	e := &explorer{t: t, sc: sc, dir: t.TempDir(), with: newTools()}
	for i := range 7 {
		for j := range 12 {
			for k := range 3 {
				how := schedule{halt: -1, torn: true}
				for n := range sc.steps {
					how.at = append(how.at, i)
					if n > 3 {
						how.at[n] += j
					}
				}
				how.at[len(how.at)-1] += k
				e.play(how)
			}
		}
	}
}
