package shell

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.cordon.dev/cordon/internal/deception/shell/vfs"
	"mvdan.cc/sh/v3/syntax"
)

func (sh *shell) biRead(args []string) int {
	on, rest, ok := sh.flags(args, "ers", "adinNptu")
	if !ok {
		return 2
	}
	for _, name := range rest {
		if base, _, _ := subscript(name); !syntax.ValidName(base) {
			sh.errorf("read: `%s': not a valid identifier", name)
			return 1
		}
	}
	r := &reading{sh: sh, raw: on['r'] != "", until: "\n", most: -1}
	if d, set := on['d']; set {
		if r.until = d; d == "" {
			r.until = "\x00"
		}
	}
	status := r.limits(on)
	if status != 0 {
		return status
	}
	if p := on['p']; p != "" && r.d != nil && r.d.terminal() {
		fmt.Fprint(sh.err(), p)
	}
	if r.d == nil {
		sh.errorf("read: %s: invalid file descriptor: Bad file descriptor", orZero(on['u']))
		return 1
	}
	if on['s'] != "" && r.d.terminal() {
		defer sh.login.quiet()()
	}
	text, quoted, status := r.read()
	return sh.assignRead(on, rest, text, quoted, status)
}

func orZero(s string) string {
	if s == "" {
		return "0"
	}
	return s
}

// reading is one read builtin.
type reading struct {
	sh      *shell
	raw     bool
	until   string
	most    int
	exact   bool
	timeout time.Duration
	d       *desc
}

func (r *reading) limits(on map[byte]string) int {
	for _, c := range []byte{'n', 'N'} {
		if s, set := on[c]; set {
			n, err := strconv.Atoi(s)
			if err != nil || n < 0 {
				r.sh.errorf("read: %s: invalid number", s)
				return 1
			}
			r.most, r.exact = n, c == 'N'
		}
	}
	if s, set := on['t']; set {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil || v < 0 {
			r.sh.errorf("read: %s: invalid timeout specification", s)
			return 1
		}
		r.timeout = max(time.Duration(v*float64(time.Second)), time.Millisecond)
	}
	r.d = r.sh.fds[atoi(on['u'])]
	return 0
}

// read takes characters up to the delimiter. quoted marks those that were
// behind a backslash.
func (r *reading) read() (text string, quoted []bool, status int) {
	ctx, stop := r.sh.until(r.timeout)
	defer stop()
	in := bound{r.sh.proc, ctx, r.d}
	var out []byte
	one := make([]byte, 1)
	escaped := false
	for r.most < 0 || utf8.RuneCount(out) < r.most {
		if _, err := in.Read(one); err != nil {
			status = 1
			if ctx.Err() != nil && r.sh.ctx.Err() == nil {
				status = 142
			} else if !errors.Is(err, io.EOF) && r.sh.ctx.Err() == nil && !errors.Is(err, vfs.EINTR) {
				r.sh.errorf("read: read error: %d: %s", 0, reason(err))
			}
			break
		}
		c := one[0]
		switch {
		case escaped:
			if escaped = false; c != '\n' {
				out, quoted = append(out, c), append(quoted, true)
			}
			continue
		case c == '\\' && !r.raw && !r.exact:
			escaped = true
			continue
		case c == r.until[0] && !r.exact:
			return string(out), quoted, 0
		case c == 0:
			continue
		}
		if !r.sh.login.hold(1) {
			status = 1
			break
		}
		out, quoted = append(out, c), append(quoted, false)
	}
	r.sh.login.hold(-len(out))
	return string(out), quoted, status
}

// assignRead gives what was read to the variables.
func (sh *shell) assignRead(on map[byte]string, names []string, text string, quoted []bool, status int) int {
	if a, set := on['a']; set {
		v := &variable{kind: indexed, set: true}
		words := sh.readWords(text, quoted, -1)
		for i, w := range words {
			v.put(itoa(i), w)
		}
		sh.hold(v.size())
		sh.scopeOf(a).vars[a] = v
		return status
	}
	if len(names) == 0 {
		if sh.setVar("REPLY", text) != nil {
			return 1
		}
		return status
	}
	if _, exact := on['N']; exact {
		_ = sh.setVar(names[0], text)
		return status
	}
	words := sh.readWords(text, quoted, len(names))
	for i, name := range names {
		w := ""
		if i < len(words) {
			w = words[i]
		}
		base, key, _ := subscript(name)
		if sh.setIn(nil, base, key, w, false) != nil {
			return 1
		}
	}
	return status
}

// readWords divides a line at IFS into at most n words; the last has the rest.
func (sh *shell) readWords(s string, quoted []bool, n int) (out []string) {
	ifs, set := sh.value("IFS")
	if !set {
		ifs = " \t\n"
	}
	sep := func(i int) bool { return !quoted[i] && strings.IndexByte(ifs, s[i]) >= 0 }
	space := func(i int) bool { return sep(i) && blank(s[i]) }
	i, end := 0, len(s)
	for i < end && space(i) {
		i++
	}
	for end > i && space(end-1) {
		end--
	}
	for i < end {
		if n > 0 && len(out) == n-1 {
			return append(out, sh.lastWord(s, i, end, sep, space))
		}
		begin := i
		for i < end && !sep(i) {
			i++
		}
		out = append(out, s[begin:i])
		for i < end && space(i) {
			i++
		}
		if i < end && sep(i) {
			i++
			for i < end && space(i) {
				i++
			}
		}
	}
	return out
}

// lastWord is the rest of a line; a single delimiter at its end goes.
func (sh *shell) lastWord(s string, i, end int, sep, space func(int) bool) string {
	j := i
	for j < end && !sep(j) {
		j++
	}
	if j == end-1 && sep(j) && !space(j) {
		return s[i:j]
	}
	return s[i:end]
}

func (sh *shell) biMapfile(args []string) int {
	on, rest, ok := sh.flags(args, "t", "dnOsuCc")
	if !ok {
		return 2
	}
	name := "MAPFILE"
	if len(rest) > 0 {
		name = rest[0]
	}
	d := sh.fds[atoi(on['u'])]
	if d == nil {
		sh.errorf("mapfile: %s: invalid file descriptor: Bad file descriptor", orZero(on['u']))
		return 1
	}
	v := &variable{kind: indexed, set: true}
	if _, keep := on['O']; keep && sh.lookup(name) != nil {
		v = sh.lookup(name)
	}
	until := "\n"
	if s, set := on['d']; set {
		until = s + "\x00"[:1-min(len(s), 1)]
	}
	i, skip, most := atoi(on['O']), atoi(on['s']), atoi(on['n'])
	for count := 0; most == 0 || count < most; {
		r := &reading{sh: sh, raw: true, until: until, most: -1, d: d}
		text, _, status := r.read()
		if status != 0 && text == "" {
			break
		}
		if status == 0 && on['t'] == "" {
			text += until[:1]
		}
		if skip > 0 {
			skip--
			continue
		}
		if !sh.hold(len(text) + 48) {
			_ = sh.exhausted(len(text))
			return 1
		}
		v.put(itoa(i), text)
		i++
		count++
	}
	sh.scopeOf(name).vars[name] = v
	return 0
}
