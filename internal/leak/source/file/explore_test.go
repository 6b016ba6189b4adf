package file

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// script is what a rotator and a writer do.
type script struct {
	before []step // before anything is interleaved
	fresh  bool   // nobody has looked before
	steps  []step
}

const day, nextDay = "-20261121", "-20261122"

func scripts() map[string]script {
	plain := inTurn(write(9))
	chain := inTurn(written(".2", 5), written(".1", 4), write(9))
	zipped := inTurn(packed(".1.gz", 5), write(9))
	made := inTurn(rename("", ".1"), create)
	return map[string]script{
		"create":                  {before: plain, steps: inTurn(write(2), made, write(3), write(1))},
		"create, late writer":     {before: inTurn(plain, open), steps: inTurn(rename("", ".1"), writeLate(".1", 2), create, write(3), writeLate(".1", 1))},
		"create, chain":           {before: chain, steps: inTurn(rename(".2", ".3"), rename(".1", ".2"), write(1), made, write(3))},
		"create, the oldest goes": {before: chain, steps: inTurn(rename(".2", ".3"), rename(".1", ".2"), made, remove(".3"), write(3))},
		"create, compress":        {before: zipped, steps: inTurn(rename(".1.gz", ".2.gz"), made, write(3), compressed(".1"), write(1))},
		"create, delay": {before: inTurn(packed(".2.gz", 5), written(".1", 4), write(9)), steps: inTurn(
			compressed(".1"), rename(".2.gz", ".3.gz"), rename(".1.gz", ".2.gz"), made, write(3))},
		"made by the writer":       {before: plain, steps: inTurn(rename("", ".1"), write(2), rename("", "-2026112110.backup"), create, write(3))},
		"link and unlink":          {before: inTurn(written(".1", 4), write(9)), steps: inTurn(link(".1", ".2"), remove(".1"), link("", ".1"), remove(""), write(3))},
		"nocreate, date":           {before: plain, steps: inTurn(rename("", day), write(3), rename("", nextDay), write(1))},
		"date, compress":           {before: plain, steps: inTurn(rename("", day), create, compressed(day), write(3))},
		"twice":                    {before: plain, steps: inTurn(made, write(3), rename(".1", ".2"), made, write(2))},
		"twice, compress":          {before: plain, steps: inTurn(made, compressed(".1"), write(3), rename(".1.gz", ".2.gz"), made, compressed(".1"))},
		"copy":                     {before: plain, steps: inTurn(write(2), copied(".1"), write(3), write(1))},
		"copy, chain":              {before: chain, steps: inTurn(rename(".2", ".3"), rename(".1", ".2"), copied(".1"), write(3))},
		"copy, much is written":    {before: plain, steps: inTurn(copied(".1"), write(30))},
		"copy, compress":           {before: zipped, steps: inTurn(rename(".1.gz", ".2.gz"), copied(".1"), write(3), compressed(".1"), write(1))},
		"copy, delay":              {before: inTurn(written(".1", 4), write(9)), steps: inTurn(compressed(".1"), rename(".1.gz", ".2.gz"), copied(".1"), write(3))},
		"copy, date, twice":        {before: plain, steps: inTurn(copied(day), write(3), copied(nextDay), write(1))},
		"link":                     {before: inTurn(written(".a", 9), linked(".a")), steps: inTurn(written(".b", 3), linked(".b"), written(".a", 2), write(1))},
		"first look, create":       {fresh: true, before: chain, steps: inTurn(rename(".2", ".3"), rename(".1", ".2"), made, write(3))},
		"first look, compress":     {fresh: true, before: zipped, steps: inTurn(rename(".1.gz", ".2.gz"), made, write(3), compressed(".1"))},
		"first look, copy":         {fresh: true, before: plain, steps: inTurn(copied(".1"), write(3))},
		"first look, copy, much":   {fresh: true, before: plain, steps: inTurn(copied(".1"), write(30))},
		"first look, compress old": {fresh: true, before: chain, steps: inTurn(compressed(".2"), compressed(".1"))},
	}
}

// explorer plays interleavings of one script.
type explorer struct {
	t    *testing.T
	sc   script
	dir  string
	with tools
	runs int
}

func (e *explorer) play(how schedule) (ops int) {
	e.t.Helper()
	dir, err := os.MkdirTemp(e.dir, "")
	if err != nil {
		e.t.Fatal(err)
	}
	s := newStage(e.t, dir, e.sc, how, e.with)
	defer func() {
		s.close()
		s.must(os.RemoveAll(filepath.Dir(s.path)))
	}()
	ops = s.play()
	e.runs++
	if v := s.verdict(); v != "" {
		e.t.Fatalf("%+v: %s\nposition %s", how, v, s.sink.Position())
	}
	return ops
}

// schedules are those with step k before an operation i, and the steps before it
// before the look: the later ones follow at once, or every so many operations, or
// after some looks; or some follow at once, and the follower is stopped.
func schedules(k, i, steps int) (all []schedule) {
	for _, pace := range []int{0, 1, 3, afterwards} {
		how := schedule{at: make([]int, steps), halt: -1}
		for j := k; j < steps; j++ {
			how.at[j] = min(i+(j-k)*pace, afterwards)
		}
		all = append(all, how)
	}
	for _, down := range []int{0, 1, steps} {
		how := schedule{at: make([]int, steps), halt: i}
		for j := k; j < steps; j++ {
			how.at[j] = i
			if j >= k+down {
				how.at[j] = afterwards
			}
		}
		all = append(all, how)
	}
	return all
}

// ages are ages of files in which they are new, not settled, given up when they
// are compressed and torn, and not kept open.
var ages = [...]time.Duration{0, patience / 2, 2 * patience, 2 * keepOpen}

// explore plays, for each step of the script and each operation of the follower,
// one of so many schedules in which they meet, each time another.
func (e *explorer) explore(of int) {
	n := len(e.sc.steps)
	ops, count := e.play(schedule{at: make([]int, n), halt: -1}), 0
	for k := range n {
		for i := range ops {
			for _, how := range schedules(k, i, n) {
				for _, how.age = range ages {
					for _, how.torn = range []bool{false, true} {
						if count++; count%of == 0 {
							e.play(how)
						}
					}
				}
			}
		}
	}
}

// Whatever a rotator does between two operations of the follower, and wherever
// that is stopped: each line is delivered once, and no loss is reported. Of all
// interleavings it plays one of 307; CORDON_INTERLEAVINGS=1 has it play all, which
// takes an hour, another number one of so many.
func TestEveryInterleaving(t *testing.T) {
	of := 307 // a prime, so that each kind of schedule has its turn
	if text := os.Getenv("CORDON_INTERLEAVINGS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			t.Fatalf("CORDON_INTERLEAVINGS is %q, no number above 0", text)
		}
		of = n
	}
	for name, sc := range scripts() {
		t.Run(name, func(t *testing.T) {
			e := &explorer{t: t, sc: sc, dir: t.TempDir(), with: newTools()}
			e.explore(of)
			t.Logf("%d interleavings", e.runs)
		})
	}
}
