package policy

import "strings"

// program is a ProgramMatch made ready.
type program struct {
	exe, cmdline *glob
	base         bool // exe is compared with the last element of the path
	match        ProgramMatch
}

func newProgram(m ProgramMatch) program {
	return program{exe: newGlob(m.Exe), cmdline: newGlob(m.Cmdline), base: !strings.Contains(m.Exe, "/"), match: m}
}

func (p *program) covers(who *Program) bool {
	exe := who.Exe
	if p.base {
		exe = exe[strings.LastIndexByte(exe, '/')+1:]
	}
	return p.exe.covers(exe) && p.cmdline.covers(who.Cmdline) &&
		(p.match.Cwd == "" || inFolder(who.Cwd, p.match.Cwd)) &&
		(p.match.User == "" || p.match.User == who.User) &&
		(p.match.Jail == "" || p.match.Jail == who.Jail)
}

// inFolder reports whether dir is folder or lies in it. Neither is cleaned: the
// kernel gives clean paths, and ".." in another's is no reason to let it out.
func inFolder(dir, folder string) bool {
	folder = strings.TrimSuffix(folder, "/")
	rest, ok := strings.CutPrefix(dir, folder)
	return ok && (rest == "" || rest[0] == '/') && !strings.Contains(rest, "/../") && !strings.HasSuffix(rest, "/..")
}

// maxGlobbed bounds the text that a glob is compared with; longer text matches
// none. Linux lets a command line be two megabytes long.
const maxGlobbed = 64 << 10

// glob is a pattern in which an asterisk stands for any characters. nil covers
// everything. Its time is linear in the text, since each piece is taken at the
// first place where it stands.
type glob struct{ pieces []string }

func newGlob(pattern string) *glob {
	if pattern == "" {
		return nil
	}
	return &glob{strings.Split(pattern, "*")}
}

func (g *glob) covers(text string) bool {
	if g == nil {
		return true
	}
	if text == "" || len(text) > maxGlobbed {
		return false
	}
	first, last := g.pieces[0], g.pieces[len(g.pieces)-1]
	if len(g.pieces) == 1 {
		return text == first
	}
	rest, ok := strings.CutPrefix(text, first)
	if !ok || !strings.HasSuffix(rest, last) {
		return false
	}
	rest = rest[:len(rest)-len(last)]
	for _, piece := range g.pieces[1 : len(g.pieces)-1] {
		at := strings.Index(rest, piece)
		if at < 0 {
			return false
		}
		rest = rest[at+len(piece):]
	}
	return true
}
