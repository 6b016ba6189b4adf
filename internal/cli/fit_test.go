package cli

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

const someIncident = "019303b5-3c00-7000-8000-000000000001"

// incidents is a table as wide as those of the program get.
func incidents() (header []string, rows [][]string) {
	return []string{"ID", "LAST SEEN", "SEVERITY", "STATE", "SEEN BY", "TIMES", "ASSIGNEE", "TITLE"}, [][]string{
		{someIncident, "2026-11-23 11:53:25", "critical", "triggered", "leak+egress", "12", "", "AWS access key in agent-1's log, sent to paste.example"},
		{"019303b5-3c00-7000-8000-000000000002", "2026-11-23 11:50:00", "low", "resolved", "anomaly", "1", "ana", "failed logins"},
	}
}

func TestTablesAreHeldToTheTerminal(t *testing.T) {
	tests := []struct {
		width int
		want  string
	}{
		{80, `
ID                                    SEVERITY  STATE      TITLE
019303b5-3c00-7000-8000-000000000001  critical  triggered  AWS access key in ag…
019303b5-3c00-7000-8000-000000000002  low       resolved   failed logins
--wide shows also: SEEN BY, ASSIGNEE, TIMES, LAST SEEN
`},
		{40, `
019303b5-3c00-7000-8000-000000000001
  LAST SEEN  2026-11-23 11:53:25
  SEVERITY   critical
  STATE      triggered
  SEEN BY    leak+egress
  TIMES      12
  TITLE      AWS access key in agent-1's
             log, sent to paste.example
019303b5-3c00-7000-8000-000000000002
  LAST SEEN  2026-11-23 11:50:00
  SEVERITY   low
  STATE      resolved
  SEEN BY    anomaly
  TIMES      1
  ASSIGNEE   ana
  TITLE      failed logins
`},
	}
	for _, tt := range tests {
		var b strings.Builder
		header, rows := incidents()
		if err := table(screen{&b, tt.width}, header, rows); err != nil {
			t.Fatal(err)
		}
		if got := "\n" + b.String(); got != tt.want {
			t.Errorf("at %d columns:\n%s\nwant:\n%s", tt.width, got, tt.want)
		}
	}
}

// What is wrong and what to do is read and typed: it is not cut at any width.
func TestAdviceIsNeverCut(t *testing.T) {
	header := []string{"STATUS", "CHECK", "DETAIL", "WHAT TO DO"}
	rows := [][]string{
		{"ok", "clock", "not behind what was recorded", ""},
		{"warn", "this shell", "http_proxy and https_proxy are not set", "export http_proxy=http://127.0.0.1:8421 https_proxy=http://127.0.0.1:8421"},
	}
	want := `
STATUS  CHECK       DETAIL           WHAT TO DO
ok      clock       not behind what
                    was recorded
warn    this shell  http_proxy and   export
                    https_proxy are  http_proxy=http://127.0.0.1:8421
                    not set          https_proxy=http://127.0.0.1:8421
`
	var b strings.Builder
	if err := table(screen{&b, 72}, header, rows); err != nil {
		t.Fatal(err)
	}
	if got := "\n" + b.String(); trimmed(got) != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// trimmed is text without the spaces at the ends of its lines.
func trimmed(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.Join(lines, "\n")
}

func TestAColumnThatSaysNothingGoesFirst(t *testing.T) {
	kept, left, ok := keep([]string{"NAME", "STATE", "DETAIL"}, [][]string{{"deckies-evidence", "running", ""}}, 25)
	if !ok || len(left) > 0 || !slices.Equal(kept, []int{0, 1}) {
		t.Errorf("kept %v, left %v, fits %v", kept, left, ok)
	}
}

func TestATableThatFitsIsAsInAPipe(t *testing.T) {
	var piped, wide strings.Builder
	header, rows := incidents()
	if err := table(&piped, header, rows); err != nil {
		t.Fatal(err)
	}
	if err := table(screen{&wide, 200}, header, rows); err != nil {
		t.Fatal(err)
	}
	if piped.String() != wide.String() || strings.Contains(piped.String(), "…") {
		t.Errorf("in a pipe:\n%s\non a wide terminal:\n%s", piped.String(), wide.String())
	}
}

// Whatever the table: no line is wider than the terminal but one with the name of its
// row, and that is whole.
func TestNoLineIsWiderThanTheTerminal(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		header, rows := randomTable(r)
		width := 30 + r.IntN(120)
		var b strings.Builder
		if err := table(screen{&b, width}, header, rows); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			line = strings.TrimRight(line, " \n")
			if utf8.RuneCountInString(line) > width && !slices.ContainsFunc(rows, func(row []string) bool { return row[0] == line }) {
				t.Fatalf("at %d columns, %d: %q", width, utf8.RuneCountInString(line), line)
			}
		}
		for _, row := range rows {
			if !strings.Contains(b.String(), row[0]) {
				t.Fatalf("at %d columns, %q is missing from:\n%s", width, row[0], b.String())
			}
		}
	}
}

func randomTable(r *rand.Rand) (header []string, rows [][]string) {
	names := append([]string{"TITLE", "DETAIL"}, dispensable()...)
	for i := range 1 + r.IntN(9) {
		header = append(header, names[(i*7+r.IntN(7))%len(names)])
	}
	for n := range r.IntN(5) {
		row := []string{fmt.Sprintf("row-%d%s", n, strings.Repeat("x", r.IntN(40)))}
		for range header[1:] {
			row = append(row, strings.Repeat("ü", r.IntN(60)))
		}
		rows = append(rows, row)
	}
	return header, rows
}

func TestOnlyATerminalHasAWidth(t *testing.T) {
	_, pipe, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer pipe.Close()
	for _, wide := range []bool{false, true} {
		if got := onScreen(pipe, wide); got != pipe {
			t.Errorf("wide %v: a pipe became %T", wide, got)
		}
	}
}
