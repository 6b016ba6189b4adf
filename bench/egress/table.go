package main

import (
	"fmt"
	"io"
	"slices"
)

// table collects measurements by what was measured and which way.
type table struct {
	order []string
	cells map[string][]float64
	costs map[string][]float64
}

func (t *table) add(what, way string, v float64) {
	if t.cells == nil {
		t.cells = map[string][]float64{}
	}
	if !slices.Contains(t.order, what) {
		t.order = append(t.order, what)
	}
	t.cells[what+way] = append(t.cells[what+way], v)
}

// cost notes the processor time that one of them took the proxy (directly: the
// origin), in microseconds.
func (t *table) cost(what, way string, us float64) {
	if t.costs == nil {
		t.costs = map[string][]float64{}
	}
	t.costs[what+way] = append(t.costs[what+way], us)
}

func median(v []float64) float64 { return slices.Sorted(slices.Values(v))[len(v)/2] }

// print writes each median, its ratio to the first way, and what one costs the
// proxy in processor time, which other work on the machine changes least.
func (t *table) print(w io.Writer, ways []way) {
	_, _ = fmt.Fprint(w, "| what |")
	for _, way := range ways {
		_, _ = fmt.Fprintf(w, " %s |", way.name)
	}
	_, _ = fmt.Fprint(w, "\n|---|")
	for range ways {
		_, _ = fmt.Fprint(w, "---|")
	}
	for _, what := range t.order {
		_, _ = fmt.Fprintf(w, "\n| %s |", what)
		direct := median(t.cells[what+ways[0].name])
		for i, way := range ways {
			v, cost := median(t.cells[what+way.name]), median(t.costs[what+way.name])
			if i == 0 {
				_, _ = fmt.Fprintf(w, " %.0f |", v)
			} else {
				_, _ = fmt.Fprintf(w, " %.0f (%.2f), %.0f us |", v, v/direct, cost)
			}
		}
	}
	_, _ = fmt.Fprintln(w)
}
