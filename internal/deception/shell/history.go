package shell

import (
	"io/fs"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// mostHistory is how many lines are remembered when nothing says otherwise.
const mostHistory = 500

// historyBytes is how much of a file of history is read.
const historyBytes = 64 << 10

func (sh *shell) loadHistory() {
	if sh.dash {
		return
	}
	b, err := sh.view().ReadFile(sh.get("HISTFILE"))
	if err != nil {
		return
	}
	b = b[max(0, len(b)-historyBytes):]
	for line := range strings.SplitSeq(string(b), "\n") {
		if line != "" && !(line[0] == '#' && digits(line[1:])) {
			sh.history = append(sh.history, line)
		}
	}
	sh.history = sh.history[max(0, len(sh.history)-mostHistory):]
	sh.saved = len(sh.history)
}

// remember enters a line into the history, as HISTCONTROL says.
func (sh *shell) remember(line string) {
	if sh.dash || !sh.options.get("history") {
		return
	}
	control := sh.get("HISTCONTROL")
	if strings.HasPrefix(line, " ") && (strings.Contains(control, "ignorespace") || strings.Contains(control, "ignoreboth")) {
		return
	}
	if n := len(sh.history); n > 0 && sh.history[n-1] == line && (strings.Contains(control, "ignoredups") || strings.Contains(control, "ignoreboth")) {
		return
	}
	if !sh.hold(len(line)) {
		return
	}
	if sh.history = append(sh.history, line); len(sh.history) > 2*mostHistory {
		sh.history = append([]string(nil), sh.history[mostHistory:]...)
		sh.saved = max(0, sh.saved-mostHistory)
	}
}

// saveHistory writes what was typed to the file of history, at the end of it.
func (sh *shell) saveHistory() {
	name := sh.get("HISTFILE")
	if sh.dash || name == "" || !sh.options.get("history") || sh.get("HISTSIZE") == "0" || sh.get("HISTFILESIZE") == "0" {
		return
	}
	fresh := sh.history[min(sh.saved, len(sh.history)):]
	if len(fresh) == 0 {
		return
	}
	// The shell is ending: its own context may be over.
	view := sh.m.view(sh.user).In(sh.dir)
	f, err := view.Open(name, vfs.O_WRONLY|vfs.O_CREATE|vfs.O_APPEND, fs.FileMode(0o600))
	if err != nil {
		return
	}
	defer f.Close()
	if _, err := f.Write([]byte(strings.Join(fresh, "\n") + "\n")); err == nil {
		sh.saved = len(sh.history)
	}
}

// expandHistory replaces !!, !n, !-n, !text and !$ by what they stand for, and
// shows the line then. ok is false when there is nothing that they stand for.
func (sh *shell) expandHistory(line string) (out string, ok bool) {
	if sh.dash || !sh.options.get("histexpand") || strings.IndexByte(line, '!') < 0 {
		return line, true
	}
	var b strings.Builder
	changed, single := false, false
	for i := 0; i < len(line); i++ {
		c := line[i]
		if c == '\'' {
			single = !single
		}
		if c == '\\' && i+1 < len(line) {
			b.WriteString(line[i : i+2])
			i++
			continue
		}
		if c != '!' || single || i+1 >= len(line) || strings.IndexByte(" \t\n=(\"", line[i+1]) >= 0 || i > 0 && (line[i-1] == '$' || line[i-1] == '{' || line[i-1] == '[') {
			b.WriteByte(c)
			continue
		}
		event, n := sh.event(line[i+1:])
		if n == 0 {
			word, _, _ := strings.Cut(line[i:], " ")
			sh.errorf("%s: event not found", word)
			sh.status = 1
			return "", false
		}
		if b.Len()+len(event) > sh.m.limits.Script { // it is one that runs
			_ = sh.exhausted(b.Len() + len(event)) // ends the shell
			return "", false
		}
		b.WriteString(event)
		changed = true
		i += n
	}
	if changed {
		writeLine(sh.err(), b.String())
	}
	return b.String(), true
}

// event finds what stands behind a ! and how long its name is.
func (sh *shell) event(s string) (text string, n int) {
	h := sh.history
	at := func(i int) string {
		if i < 0 || i >= len(h) {
			return ""
		}
		return h[i]
	}
	end := strings.IndexAny(s, " \t\n;&|<>\"'")
	if end < 0 {
		end = len(s)
	}
	word := s[:end]
	switch {
	case strings.HasPrefix(s, "!"):
		text, n = at(len(h)-1), 1
	case strings.HasPrefix(s, "$"):
		fields := strings.Fields(at(len(h) - 1))
		if len(fields) > 0 {
			text, n = fields[len(fields)-1], 1
		}
		return text, n
	case digits(word):
		text, n = at(atoi(word)-1), end
	case strings.HasPrefix(word, "-") && digits(word[1:]):
		text, n = at(len(h)-atoi(word[1:])), end
	default:
		for i := len(h) - 1; i >= 0 && word != ""; i-- {
			if strings.HasPrefix(h[i], word) {
				return h[i], end
			}
		}
	}
	if text == "" {
		return "", 0
	}
	return text, n
}
