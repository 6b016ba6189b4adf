package telnet

import (
	"bytes"
	"unicode"
)

// maxLine is how many bytes a line has at most that a terminal of Linux collects.
const maxLine = 4095

// tty is the line discipline of a terminal while login asks for lines, as Linux
// has it. It is not safe for concurrent use.
type tty struct {
	silent  bool // nothing is echoed
	raw     bool // as it comes: the shell has a discipline of its own
	newline bool // a line feed begins at the left
	literal bool // the next key stands for itself
	line    []byte
	lines   [][]byte // that nobody has read
	shown   []byte   // what is to be shown
	flushed bool     // what was to be shown was thrown away
}

// key takes one typed byte.
func (t *tty) key(c byte) {
	if t.literal {
		t.literal = false
		t.add(c)
		return
	}
	switch c {
	case '\r', '\n':
		t.echo([]byte("\n"))
		t.end('\n')
	case keyEOF:
		t.end()
	case keyErase:
		t.erase(len(t.line) - 1)
	case keyWord:
		t.erase(wordStart(t.line))
	case keyKill:
		t.erase(0)
	case keyLiteral:
		t.literal = true
		t.echo([]byte("^\b"))
	case keyReprint:
		t.echo(append([]byte("^R\n"), visible(t.line)...))
	case keyInterrupt, keyQuit, keySuspend:
		t.interrupt(c)
	case 17, 19: // go on, stop
	default:
		t.add(c)
	}
}

// interrupt is a key that becomes a signal, which login ignores. What was typed
// is thrown away.
func (t *tty) interrupt(c byte) {
	t.line, t.lines, t.flushed = nil, nil, true
	t.echo(visible([]byte{c}))
}

func (t *tty) add(c byte) {
	if len(t.line) < maxLine {
		t.line = append(t.line, c)
		t.echo(visible([]byte{c}))
	}
}

// end ends the line; without a line feed it is as long as it is, and an empty one
// is the end of the input. Of many that nobody reads the later are lost.
func (t *tty) end(feed ...byte) {
	if len(t.lines) < 64 {
		t.lines = append(t.lines, append(t.line, feed...))
	}
	t.line = nil
}

// erase takes back what was typed from a place on.
func (t *tty) erase(from int) {
	for len(t.line) > max(from, 0) {
		last := len(t.line) - 1
		for range visible(t.line[last:]) {
			t.echo([]byte("\b \b"))
		}
		t.line = t.line[:last]
	}
}

// wordStart is where the last word begins: of letters, digits and underscores.
func wordStart(line []byte) int {
	word := func(r rune) bool {
		return r == '_' || r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r))
	}
	end := bytes.LastIndexFunc(line, word)
	return bytes.LastIndexFunc(line[:end+1], func(r rune) bool { return !word(r) }) + 1
}

// visible is how keys are echoed.
func visible(keys []byte) (out []byte) {
	for _, c := range keys {
		if c < ' ' && c != '\t' || c == keyErase {
			out = append(out, '^', c^64)
		} else {
			out = append(out, c)
		}
	}
	return out
}

func (t *tty) echo(b []byte) {
	if !t.silent {
		t.print(b)
	}
}

// print shows what a program writes.
func (t *tty) print(b []byte) {
	if t.newline {
		b = bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n"))
	}
	t.shown = append(t.shown, b...)
}

// forget drops what was typed and not read, as login does whenever it asks.
func (t *tty) forget() { t.line, t.lines, t.literal = nil, nil, false }
