package shell

import (
	"fmt"
	"strings"
	"unicode"
)

// editor reads lines at a terminal as readline does with emacs' keys.
type editor struct {
	sh     *shell
	prompt string
	text   []rune
	at     int
	killed []rune
	place  int      // in the history
	edited []string // a line of history that was left for another: the new one
	tabs   int      // times that Tab was pressed in a row
	pasted bool     // inside a bracketed paste
	ended  bool
	status readStatus
}

type readStatus uint8

const (
	readLine readStatus = iota
	readEnd
	readInterrupted
)

// mostLine is how long a line may get.
const mostLine = 64 << 10

// read reads a line; without a terminal, one from standard input.
func (e *editor) read(prompt string) (string, readStatus) {
	t := e.sh.login.Terminal
	if t == nil || e.sh.fds[0] == nil || !e.sh.fds[0].terminal() || e.sh.dash {
		return e.plain(prompt)
	}
	restore := t.change(func() { t.raw, t.silent, t.editor = true, true, true })
	defer restore()
	last := prompt[strings.LastIndexByte(prompt, '\n')+1:]
	*e = editor{sh: e.sh, prompt: last, killed: e.killed, place: len(e.sh.history)}
	e.show("\x1b[?2004h" + prompt)
	for !e.ended {
		c, ok := e.key()
		if !ok {
			return "", readEnd
		}
		e.press(c)
	}
	return string(e.text), e.status
}

func (e *editor) plain(prompt string) (string, readStatus) {
	fmt.Fprint(e.sh.err(), prompt)
	r := &reading{sh: e.sh, raw: true, until: "\n", most: -1, d: e.sh.fds[0]}
	if r.d == nil {
		return "", readEnd
	}
	line, _, status := r.read()
	switch {
	case killedBy(e.sh.ctx) == SIGINT:
		e.show("\n")
		return "", readInterrupted
	case status != 0 && line == "":
		return "", readEnd
	}
	return line, readLine
}

func (e *editor) show(s string) { fmt.Fprint(e.sh.err(), s) }

// key reads one character.
func (e *editor) key() (rune, bool) {
	var b [1]byte
	if _, err := e.sh.in().Read(b[:]); err != nil {
		return 0, false
	}
	if b[0] < 0xc0 {
		return rune(b[0]), true
	}
	more := 1
	if b[0] >= 0xf0 {
		more = 3
	} else if b[0] >= 0xe0 {
		more = 2
	}
	s := []byte{b[0]}
	for range more {
		if _, err := e.sh.in().Read(b[:]); err != nil {
			return 0, false
		}
		s = append(s, b[0])
	}
	return []rune(string(s))[0], true
}

// finish ends the line.
func (e *editor) finish(s readStatus, show string) {
	e.ended, e.status = true, s
	e.show(show)
}

func (e *editor) press(c rune) {
	if c != '\t' {
		e.tabs = 0
	}
	switch c {
	case '\r', '\n':
		if e.pasted {
			e.insert("\n")
			return
		}
		e.end()
		e.finish(readLine, "\n\x1b[?2004l\r")
	case 3:
		e.text = nil
		e.finish(readInterrupted, "^C\x1b[?2004l\r\x1b[?2004h\x1b[?2004l\r\n")
	case 4:
		if len(e.text) == 0 {
			e.finish(readEnd, "\x1b[?2004l\r")
			return
		}
		e.remove(e.at, e.at+1)
	case 9:
		e.tab()
	case 27:
		e.escape()
	case 18:
		e.search()
	default:
		e.move(c)
	}
}

// move does the keys that go about in the line and change it.
func (e *editor) move(c rune) {
	switch c {
	case 1:
		e.goTo(0)
	case 5:
		e.end()
	case 2:
		e.goTo(e.at - 1)
	case 6:
		e.goTo(e.at + 1)
	case 8, 127:
		if e.at == 0 {
			e.bell()
			return
		}
		e.remove(e.at-1, e.at)
	case 11:
		e.kill(e.at, len(e.text))
	case 21:
		e.kill(0, e.at)
	case 23:
		e.kill(e.wordBefore(func(r rune) bool { return !unicode.IsSpace(r) }), e.at)
	case 25:
		e.insert(string(e.killed))
	case 12:
		e.show("\x1b[H\x1b[2J\x1b[3J")
		e.redraw()
	case 16:
		e.recall(-1)
	case 14:
		e.recall(1)
	case 20:
		e.swap()
	default:
		if c >= ' ' {
			e.insert(string(c))
		}
	}
}

func (e *editor) bell() { e.show("\a") }

func (e *editor) swap() {
	if e.at == 0 || len(e.text) < 2 {
		e.bell()
		return
	}
	i := min(e.at, len(e.text)-1)
	e.text[i-1], e.text[i] = e.text[i], e.text[i-1]
	e.at = i + 1
	e.redraw()
}

// insert puts text in where the cursor is.
func (e *editor) insert(s string) {
	r := []rune(s)
	if len(e.text)+len(r) > mostLine {
		e.bell()
		return
	}
	rest := append([]rune(nil), e.text[e.at:]...)
	e.text = append(append(e.text[:e.at], r...), rest...)
	e.at += len(r)
	e.show(s + string(rest) + strings.Repeat("\b", len(rest)))
}

func (e *editor) goTo(at int) {
	switch {
	case at < 0 || at > len(e.text):
		e.bell()
		return
	case at < e.at:
		e.show(strings.Repeat("\b", e.at-at))
	default:
		e.show(string(e.text[e.at:at]))
	}
	e.at = at
}

func (e *editor) end() { e.goTo(len(e.text)) }

// remove takes characters out.
func (e *editor) remove(from, to int) {
	if to > len(e.text) || from >= to {
		e.bell()
		return
	}
	if e.at > from {
		e.goTo(from)
	}
	e.text = append(e.text[:from], e.text[to:]...)
	e.at = from
	rest := string(e.text[from:])
	e.show(rest + "\x1b[K" + strings.Repeat("\b", len(e.text)-from))
}

func (e *editor) kill(from, to int) {
	if from >= to {
		return
	}
	e.killed = append([]rune(nil), e.text[from:to]...)
	e.remove(from, to)
}

func (e *editor) wordBefore(in func(rune) bool) int {
	i := e.at
	for i > 0 && !in(e.text[i-1]) {
		i--
	}
	for i > 0 && in(e.text[i-1]) {
		i--
	}
	return i
}

func (e *editor) wordAfter() int {
	i := e.at
	for i < len(e.text) && !alnum(e.text[i]) {
		i++
	}
	for i < len(e.text) && alnum(e.text[i]) {
		i++
	}
	return i
}

func alnum(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// redraw shows the whole line again.
func (e *editor) redraw() {
	e.show("\r" + e.prompt + string(e.text) + "\x1b[K" + strings.Repeat("\b", len(e.text)-e.at))
}

func (e *editor) replace(s string) {
	if e.at > 0 {
		e.show(strings.Repeat("\b", e.at))
	}
	e.text = []rune(s)
	e.at = len(e.text)
	e.show(s + "\x1b[K")
}

// recall goes to another line of the history.
func (e *editor) recall(by int) {
	h := e.sh.history
	to := e.place + by
	if to < 0 || to > len(h) {
		e.bell()
		return
	}
	if e.place == len(h) {
		e.edited = []string{string(e.text)}
	}
	e.place = to
	if to == len(h) {
		e.replace(strings.Join(e.edited, ""))
		return
	}
	e.replace(h[to])
}

// escape does the keys that send more than one character.
func (e *editor) escape() {
	c, ok := e.key()
	if !ok {
		return
	}
	switch c {
	case '[', 'O':
		e.sequence()
	case 'b':
		e.goTo(e.wordBefore(alnum))
	case 'f':
		e.goTo(e.wordAfter())
	case 'd':
		e.kill(e.at, e.wordAfter())
	case 127, 8:
		e.kill(e.wordBefore(alnum), e.at)
	case '.':
		if n := len(e.sh.history); n > 0 {
			if f := strings.Fields(e.sh.history[n-1]); len(f) > 0 {
				e.insert(f[len(f)-1])
			}
		}
	}
}

func (e *editor) sequence() {
	number := ""
	for {
		c, ok := e.key()
		if !ok || len(number) > 8 {
			return
		}
		if c >= '0' && c <= '9' || c == ';' {
			number += string(c)
			continue
		}
		e.function(c, number)
		return
	}
}

func (e *editor) function(c rune, number string) {
	switch string(c) + number {
	case "A":
		e.recall(-1)
	case "B":
		e.recall(1)
	case "C":
		e.goTo(e.at + 1)
	case "D":
		e.goTo(e.at - 1)
	case "H", "~1", "~7":
		e.goTo(0)
	case "F", "~4", "~8":
		e.end()
	case "~3":
		e.remove(e.at, e.at+1)
	case "C1;5":
		e.goTo(e.wordAfter())
	case "D1;5":
		e.goTo(e.wordBefore(alnum))
	case "~200":
		e.pasted = true
	case "~201":
		e.pasted = false
	}
}
