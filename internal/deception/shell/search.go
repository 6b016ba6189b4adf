package shell

import (
	"fmt"
	"strings"
)

// search is ^R: the newest line of history that has what is typed.
func (e *editor) search() {
	found, wanted := "", ""
	e.show("\r(reverse-i-search)`': \x1b[K")
	skip := 0
	for {
		c, ok := e.key()
		if !ok {
			return
		}
		switch {
		case c == 18:
			skip++
		case c == 127 || c == 8:
			wanted = wanted[:max(len(wanted)-1, 0)]
			skip = 0
		case c >= ' ':
			wanted += string(c)
			skip = 0
		default:
			e.text, e.at = []rune(found), len([]rune(found))
			if c == 3 || c == 7 {
				e.text, e.at = nil, 0
			}
			e.redraw()
			if c != 27 && c != 7 {
				e.press(c)
			}
			return
		}
		head := "(reverse-i-search)"
		if at, ok := e.older(wanted, skip); ok {
			found = at
		} else {
			head = "(failed reverse-i-search)"
		}
		e.show(fmt.Sprintf("\r%s`%s': %s\x1b[K", head, wanted, found))
	}
}

func (e *editor) older(wanted string, skip int) (string, bool) {
	for i := len(e.sh.history) - 1; i >= 0; i-- {
		if strings.Contains(e.sh.history[i], wanted) {
			if skip == 0 {
				return e.sh.history[i], true
			}
			skip--
		}
	}
	return "", false
}
