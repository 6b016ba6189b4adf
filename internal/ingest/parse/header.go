package parse

import (
	"strconv"
	"strings"
	"time"
)

// Message is a line of a log without its header.
type Message struct {
	Time    time.Time // when it was logged; when it was received, if the header does not say
	Host    string    // who logged it; empty: unknown
	Program string    // the tag; empty: there is no header, as in a web server's own files
	PID     int       // 0: unknown
	Text    string    // what the program said
}

// Bounds of what a header holds, in bytes (RFC 5424, section 6).
const (
	maxHost     = 255
	maxTag      = 64
	maxPID      = 10 // digits
	maxPriority = 191
)

// Split takes the header off a line: that of RFC 5424, of RFC 3164, or what
// rsyslog and journalctl -o short-iso write, a time of ISO 8601 in the place of
// RFC 3164's. A time without a year is the latest that is not ahead of received by
// more than two days, a time without a zone is in that of received. A line without a header is all
// text.
func Split(line string, received time.Time) Message {
	line = strings.TrimRight(line, "\r\n\x00")
	m := Message{Time: received, Text: line}
	rest, prioritised := cutPriority(line)
	if after, ok := strings.CutPrefix(rest, "1 "); ok && prioritised {
		return splitNew(m, after)
	}
	at, rest, timed := cutTime(rest, received)
	if !timed && !prioritised {
		return m
	}
	if timed {
		m.Time = at
	}
	return splitOld(m, rest)
}

// cutPriority takes <PRI> off.
func cutPriority(s string) (rest string, ok bool) {
	if s == "" || s[0] != '<' {
		return s, false
	}
	digits, _, found := strings.Cut(s[1:min(len(s), 5)], ">")
	n, err := strconv.ParseUint(digits, 10, 8)
	if !found || err != nil || n > maxPriority {
		return s, false
	}
	return s[len(digits)+2:], true
}

// splitOld reads what follows the time in RFC 3164: HOST TAG[PID]: TEXT. Programs
// that log to a socket of their own machine leave the host out.
func splitOld(m Message, rest string) Message {
	host, after, ok := strings.Cut(rest, " ")
	if ok && !strings.HasSuffix(host, ":") && len(host) <= maxHost {
		named, ok := splitTag(m, after)
		if !ok {
			named, ok = splitTag(m, cutLevel(after))
		}
		if ok {
			named.Host = host
			return named
		}
	}
	named, _ := splitTag(m, rest)
	return named
}

// cutLevel takes off what BusyBox's syslogd writes before the tag, such as auth.info.
func cutLevel(s string) string {
	word, rest, _ := strings.Cut(s[:min(len(s), maxLevel+1)], " ")
	facility, level, ok := strings.Cut(word, ".")
	if !ok || !isWord(facility) || !isWord(level) || rest == "" && len(s) == len(word) {
		return s
	}
	return s[len(word)+1:]
}

// maxLevel is the longest facility and severity by their names, in bytes.
const maxLevel = len("authpriv.warning")

func isWord(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz01234567") == ""
}

// splitTag reads TAG[PID]: TEXT.
func splitTag(m Message, s string) (Message, bool) {
	m.Text = s
	end := strings.IndexAny(s[:min(len(s), maxTag+1)], " [:")
	if end <= 0 {
		return m, false
	}
	pid, rest := 0, s[end:]
	if rest[0] == '[' {
		digits, _, _ := strings.Cut(rest[1:min(len(rest), maxPID+2)], "]")
		n, err := strconv.ParseUint(digits, 10, 31)
		if err != nil {
			return m, false
		}
		pid, rest = int(n), rest[len(digits)+1:]
		rest = strings.TrimPrefix(rest, "]")
	}
	text, ok := strings.CutPrefix(rest, ":")
	if !ok {
		return m, false
	}
	m.Program, m.PID, m.Text = s[:end], pid, strings.TrimLeft(text, " ")
	return m, true
}

// splitNew reads what follows the version in RFC 5424.
func splitNew(m Message, s string) Message {
	var field [5]string // TIMESTAMP HOSTNAME APP-NAME PROCID MSGID
	rest := s
	for i := range field {
		var ok bool
		if field[i], rest, ok = strings.Cut(rest, " "); !ok {
			return m
		}
	}
	rest, ok := cutData(rest)
	if !ok || len(field[1]) > maxHost || len(field[2]) > maxTag {
		return m
	}
	if at, err := time.Parse(time.RFC3339Nano, field[0]); err == nil {
		m.Time = at
	}
	m.Host, m.Program = nilValue(field[1]), nilValue(field[2])
	m.PID, _ = strconv.Atoi(field[3]) // it may be any text, or none
	m.Text = strings.TrimPrefix(strings.TrimLeft(rest, " "), "\uFEFF")
	return m
}

func nilValue(s string) string {
	if s == "-" {
		return ""
	}
	return s
}

// cutData takes STRUCTURED-DATA off.
func cutData(s string) (rest string, ok bool) {
	if after, ok := strings.CutPrefix(s, "-"); ok {
		return after, true
	}
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quoted:
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == ']' && !quoted && (i+1 == len(s) || s[i+1] != '['):
			return s[i+1:], s[0] == '['
		}
	}
	return s, false
}

// repeated is what syslog makes of a text that came several times: the text, and
// how often. rsyslog and OpenBSD's syslogd write it so.
func repeated(text string) (inner string, times int) {
	rest, ok := strings.CutPrefix(text, "message repeated ")
	if !ok {
		return text, 1
	}
	count, rest, ok := strings.Cut(rest, " times: [")
	n, err := strconv.Atoi(count)
	inner, closed := strings.CutSuffix(rest, "]")
	if !ok || !closed || err != nil || n < 1 {
		return text, 1
	}
	return strings.TrimPrefix(inner, " "), min(n, MaxTimes)
}
