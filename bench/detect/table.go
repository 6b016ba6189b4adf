package main

import (
	"fmt"
	"io"
)

// table is the goals beside what was measured.
type table struct{ rows [][3]string }

func (t *table) row(what, goal, format string, args ...any) {
	t.rows = append(t.rows, [3]string{what, fmt.Sprintf(format, args...), goal})
}

func (t *table) print(w io.Writer) {
	fmt.Fprintln(w, "| what | measured | goal |")
	fmt.Fprintln(w, "|---|---|---|")
	for _, r := range t.rows {
		fmt.Fprintf(w, "| %s | %s | %s |\n", r[0], r[1], r[2])
	}
}
