package cli

import (
	"io"
	"strings"
	"unicode/utf8"
)

// sentences is w as sentences are to be written to it: on a terminal they are broken between
// words, and what follows stands below where they began. Each Write has whole lines.
func sentences(w io.Writer) io.Writer {
	if on, ok := w.(screen); ok {
		return folding{on}
	}
	return w
}

// folding writes lines that are no wider than a terminal.
type folding struct{ on screen }

func (f folding) Write(p []byte) (int, error) {
	if _, err := io.WriteString(f.on.Writer, fold(string(p), f.on.width)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// fold breaks the lines of a text that are wider than width, in columns.
func fold(text string, width int) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		words, end := strings.CutSuffix(line, "\n")
		b.WriteString(foldLine(words, width))
		if end {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// foldLine leaves alone what fits, and commands that stand by themselves: they are for
// copying, and the terminal breaks them without breaking them.
func foldLine(line string, width int) string {
	if utf8.RuneCountInString(line) <= width || strings.HasPrefix(strings.TrimLeft(line, " "), "cordon ") {
		return line
	}
	begin, hang := hanging(line, width)
	var b strings.Builder
	b.WriteString(line[:begin])
	at := utf8.RuneCountInString(line[:begin])
	for k, unit := range units(line[begin:]) {
		n := utf8.RuneCountInString(unit)
		switch {
		case k > 0 && at+1+n > width:
			b.WriteString("\n" + strings.Repeat(" ", hang))
			at = hang
		case k > 0:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(unit)
		at += n
	}
	return b.String()
}

// hanging says at which byte of a line its sentence begins, and in which column its
// further lines do: below it, where it stands behind a name, a number or room, and that is
// in the left half.
func hanging(line string, width int) (begin, column int) {
	indent := len(line) - len(strings.TrimLeft(line, " "))
	if number, _, ok := strings.Cut(line[indent:], ". "); ok && number != "" && strings.Trim(number, "0123456789") == "" {
		begin = indent + len(number) + 2
		return begin, begin
	}
	if i := strings.Index(line[indent:], "  "); i >= 0 {
		begin = len(line) - len(strings.TrimLeft(line[indent+i:], " "))
		if column = utf8.RuneCountInString(line[:begin]); column*2 <= width {
			return begin, column
		}
	}
	return indent, max(2, indent)
}

// units are the words of a text; a command in it, which somebody will copy, is one.
func units(text string) (all []string) {
	joining := ""
	for _, word := range strings.Fields(text) {
		if joining != "" {
			all[len(all)-1] += " " + word
		} else {
			all = append(all, word)
		}
		joining = still(joining, word)
	}
	return all
}

// still says what ends the command that a word belongs to; empty: it belongs to none.
func still(joining, word string) string {
	switch {
	case joining == "" && strings.HasPrefix(word, "`") && strings.Count(word, "`") == 1:
		return "`"
	case joining == "" && word == "cordon":
		return ";,."
	case joining != "" && strings.ContainsAny(lastOf(word), joining) && !strings.HasSuffix(word, "..."):
		return ""
	case joining == "`" && strings.Contains(word, "`"):
		return ""
	}
	return joining
}

// lastOf is the last character of a word.
func lastOf(word string) string { return word[len(word)-1:] }
