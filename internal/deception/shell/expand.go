package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// piece is a part of an expanded word.
type piece struct {
	text   string
	quoted bool // its characters mean themselves
	split  bool // it is divided at IFS
	next   bool // a new field begins here, as between the elements of "$@"
	empty  bool // it keeps an empty field: "" does
}

// fields expands words to what a command gets: braces, parameters, substitutions,
// division into fields, file names. They are counted (build) until the caller gives
// them back.
func (sh *shell) fields(words []*syntax.Word) ([]string, error) {
	var out []string
	for _, w := range words {
		for one, err := range sh.braces(w) {
			if err != nil {
				return nil, err
			}
			mark := sh.building
			got, err := sh.wordFields(one)
			sh.unbuild(mark)
			if err == nil {
				err = sh.buildWords(got)
			}
			if err != nil {
				return nil, err
			}
			out = append(out, got...)
		}
	}
	return out, nil
}

func (sh *shell) wordFields(w *syntax.Word) ([]string, error) {
	if len(w.Parts) == 1 { // most words
		if l, ok := w.Parts[0].(*syntax.Lit); ok && strings.IndexAny(l.Value, "~\\*?[") < 0 {
			if l.Value == "" {
				return nil, nil // of x{a,}
			}
			return []string{l.Value}, nil
		}
	}
	pieces, err := sh.pieces(w.Parts, mode{tilde: true, split: true})
	if err != nil {
		return nil, err
	}
	var out []string
	divided, err := sh.divide(pieces)
	if err != nil {
		return nil, err
	}
	for _, f := range divided {
		names, err := sh.glob(f)
		if err != nil {
			return nil, err
		}
		out = append(out, names...)
	}
	return out, nil
}

// text expands a word that stays one: of an assignment, a redirection, a case.
func (sh *shell) text(w *syntax.Word) (string, error) {
	return sh.join(w, mode{tilde: true})
}

// assignText is text where a tilde may follow a colon too.
func (sh *shell) assignText(w *syntax.Word) (string, error) {
	return sh.join(w, mode{tilde: true, assign: true})
}

func (sh *shell) join(w *syntax.Word, m mode) (string, error) {
	if w == nil {
		return "", nil
	}
	mark := sh.building
	defer func() { sh.unbuild(mark) }()
	pieces, err := sh.pieces(w.Parts, m)
	if err == nil {
		err = sh.build(length(pieces))
	}
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for i, p := range pieces {
		if p.next && i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(p.text)
	}
	return b.String(), nil
}

func length(pieces []piece) (bytes int) {
	for _, p := range pieces {
		bytes += len(p.text) + 1
	}
	return bytes
}

// pattern expands a word to a pattern: what was quoted is escaped.
func (sh *shell) pattern(w *syntax.Word) (string, error) {
	return sh.patternOf(w, escapePattern)
}

func (sh *shell) patternOf(w *syntax.Word, escape func(string) string) (string, error) {
	if w == nil {
		return "", nil
	}
	mark := sh.building
	defer func() { sh.unbuild(mark) }()
	pieces, err := sh.pieces(w.Parts, mode{tilde: true, pattern: true})
	if err == nil {
		err = sh.build(2 * length(pieces)) // every second character may be escaped
	}
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for i, p := range pieces {
		if p.next && i > 0 {
			b.WriteByte(' ')
		}
		if p.quoted {
			b.WriteString(escape(p.text))
		} else {
			b.WriteString(p.text)
		}
	}
	return b.String(), nil
}

// mode says where a word stands.
type mode struct {
	tilde, assign bool
	split         bool // unquoted parameters are divided
	quoted        bool // inside double quotes
	pattern       bool
	heredoc       bool
}

func (sh *shell) pieces(parts []syntax.WordPart, m mode) (out []piece, err error) {
	for i, part := range parts {
		if !sh.step() {
			return nil, errFault
		}
		var got []piece
		switch part := part.(type) {
		case *syntax.Lit:
			got = sh.literal(part.Value, m, i == 0, i == len(parts)-1)
		case *syntax.SglQuoted:
			if got = singleQuoted(part); m.quoted && !part.Dollar {
				got[0].text = "'" + part.Value + "'" // inside "${x:-'y'}"
			}
		case *syntax.DblQuoted:
			got, err = sh.doubleQuoted(part)
		case *syntax.ParamExp:
			got, err = sh.counted(sh.paramExp(part, m))
		case *syntax.CmdSubst:
			got, err = sh.counted(sh.cmdSubst(part, m))
		case *syntax.ArithmExp:
			got, err = sh.arithmExp(part, m)
		case *syntax.ProcSubst:
			got, err = sh.procSubst(part)
		case *syntax.ExtGlob:
			got = []piece{{text: part.Op.String() + part.Pattern.Value + ")"}}
		}
		if err != nil {
			return nil, err
		}
		out = append(out, got...)
	}
	return out, nil
}

// counted counts what an expansion gave.
func (sh *shell) counted(got []piece, err error) ([]piece, error) {
	if err != nil {
		return nil, err
	}
	return got, sh.build(length(got))
}

func singleQuoted(q *syntax.SglQuoted) []piece {
	s := q.Value
	if q.Dollar {
		s = ansiC(s, false)
	}
	return []piece{{text: s, quoted: true, empty: true}}
}

func (sh *shell) doubleQuoted(q *syntax.DblQuoted) ([]piece, error) {
	got, err := sh.pieces(q.Parts, mode{quoted: true})
	if err != nil {
		return nil, err
	}
	for i := range got {
		got[i].quoted, got[i].split = true, false
	}
	if len(q.Parts) == 0 || len(got) == 0 && !onlyAll(q) {
		return []piece{{quoted: true, empty: true}}, nil
	}
	if len(q.Parts) > 1 || !onlyAll(q) {
		for i := range got {
			got[i].empty = true
		}
	}
	return got, nil
}

// onlyAll reports whether a word is "$@" or the like, which without elements is
// no field at all.
func onlyAll(q *syntax.DblQuoted) bool {
	if len(q.Parts) != 1 {
		return false
	}
	p, ok := q.Parts[0].(*syntax.ParamExp)
	if !ok || p.Length {
		return false
	}
	if p.Param != nil && p.Param.Value == "@" {
		return true
	}
	if w, ok := p.Index.(*syntax.Word); ok && w.Lit() == "@" {
		return true
	}
	return p.Names == syntax.NamesPrefixWords
}

// literal is text of the script: backslashes take quoted characters out of it.
func (sh *shell) literal(s string, m mode, first, last bool) []piece {
	if m.quoted {
		return []piece{{text: unescape(s, m.heredoc), quoted: true}}
	}
	var out []piece
	if first && m.tilde && strings.HasPrefix(s, "~") {
		var home string
		if home, s = sh.tilde(s, m, last); home != "" {
			out = append(out, piece{text: home, quoted: true})
		}
	}
	if m.assign && strings.Contains(s, ":~") {
		s = sh.colonTildes(s)
	}
	if strings.IndexByte(s, '\\') < 0 {
		return append(out, piece{text: s})
	}
	return append(out, backslashes(s)...)
}

func backslashes(s string) (out []piece) {
	for s != "" {
		i := strings.IndexByte(s, '\\')
		if i < 0 || i+1 >= len(s) {
			return append(out, piece{text: s})
		}
		if i > 0 {
			out = append(out, piece{text: s[:i]})
		}
		if s[i+1] != '\n' {
			n := 1
			for n < 4 && i+1+n < len(s) && s[i+1+n]&0xc0 == 0x80 {
				n++
			}
			out = append(out, piece{text: s[i+1 : i+1+n], quoted: true})
			s = s[i+1+n:]
			continue
		}
		s = s[i+2:]
	}
	return out
}

// unescape takes away the backslashes that mean something in double quotes.
func unescape(s string, heredoc bool) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			switch c := s[i+1]; {
			case c == '\n':
				i++
				continue
			case c == '$' || c == '`' || c == '\\' || c == '"' && !heredoc:
				i++
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// tilde expands ~, ~user, ~+ and ~- at the beginning of a word.
func (sh *shell) tilde(s string, m mode, last bool) (home, rest string) {
	end := strings.IndexAny(s, "/")
	if m.assign {
		end = strings.IndexAny(s, "/:")
	}
	if end < 0 {
		if end = len(s); !last {
			return "", s
		}
	}
	name := s[1:end]
	if strings.IndexByte(name, '\\') >= 0 {
		return "", s
	}
	if home, ok := sh.home(name); ok {
		return home, s[end:]
	}
	return "", s
}

func (sh *shell) home(name string) (string, bool) {
	switch name {
	case "":
		if h, ok := sh.value("HOME"); ok {
			return h, true
		}
		return sh.user.Home, true
	case "+":
		return sh.value("PWD")
	case "-":
		return sh.value("OLDPWD")
	}
	u, ok := sh.m.User(name)
	return u.Home, ok
}

func (sh *shell) colonTildes(s string) string {
	parts := strings.Split(s, ":")
	for i, p := range parts {
		if i > 0 && strings.HasPrefix(p, "~") {
			home, rest := sh.tilde(p, mode{}, true)
			parts[i] = home + rest
		}
	}
	return strings.Join(parts, ":")
}

// tilded is a path with the home at its beginning written as ~.
func (sh *shell) tilded(dir string) string {
	home := sh.get("HOME")
	if home == "" || home == "/" {
		return dir
	}
	if rest, ok := strings.CutPrefix(dir, home); ok && (rest == "" || rest[0] == '/') {
		return "~" + rest
	}
	return dir
}
