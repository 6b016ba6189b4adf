package policy

import (
	"fmt"
	"path"
	"regexp/syntax"
	"slices"
	"strings"
)

// Bounds of data_leak_prevention.sensitive_patterns.
const (
	mostPatterns    = 64
	longestPattern  = 500
	longestPatterns = 2000 // steps of what a pattern compiles to
)

func (p *Policy) readLeaks(m *mapping) {
	enabled := m.flag("enabled", true)
	p.settings.ScanLeaks = m.flag("scan_requests", true) && enabled
	p.settings.InterceptTLS = m.flag("intercept_tls", false)
	p.settings.ScanPersonal = m.flag("personal", true) && p.settings.ScanLeaks
	if enabled {
		m.note("requests of HTTP are searched for secrets; what TLS hides is, where intercept_tls is true; what is sent by other protocols is not", "enabled", "scan_requests")
	}
	for _, v := range m.items("sensitive_patterns") {
		p.readPattern(v)
	}
	m.note("has no effect in this version", "max_request_size", "blocked_headers")
	if v, ok := m.either("blocked_extensions", "blocked_file_extensions"); ok {
		p.readExtensions(v, enabled)
	}
	m.done()
}

// readPattern reads a regular expression, alone or with what belongs to it.
func (p *Policy) readPattern(v value) {
	pattern := Pattern{ID: fmt.Sprintf("pattern-%d", len(p.patterns)+1), Line: v.line}
	if m := v.mappingIfAny(); m != nil {
		expr, ok := m.get("pattern")
		if !ok {
			m.wrong("has no pattern", `write pattern: "[A-Z]{3}-[0-9]{6}"`)
			return
		}
		v, pattern.Regex = expr, expr.text()
		if id, ok := m.get("id"); ok {
			pattern.ID = id.text()
			if !credentialWord(pattern.ID) {
				id.wrong("is no id", "use up to 200 small letters, digits and dashes")
			}
		}
		plainText(m, "description")
		action := m.text("action")
		m.done()
		if action != "" && action != "block" {
			m.r.notes = append(m.r.notes, Unsupported{v.line, v.key, "only patterns that block are looked for"})
			return
		}
	} else {
		pattern.Regex = v.text()
	}
	if p.checkPattern(v, pattern) {
		p.patterns = append(p.patterns, pattern)
	}
}

// checkPattern holds an expression to what can be searched for in linear time, and
// to what does not match everything.
func (p *Policy) checkPattern(v value, pattern Pattern) bool {
	tree, err := syntax.Parse(pattern.Regex, syntax.Perl)
	switch {
	case len(p.patterns) >= mostPatterns:
		v.wrong(fmt.Sprintf("is more than the %d patterns that a policy may have", mostPatterns), "join some with |")
	case err != nil:
		v.wrong("is no regular expression: "+err.Error(), "write it as RE2 has it (github.com/google/re2/wiki/Syntax)")
	case len(pattern.Regex) > longestPattern:
		v.wrong(fmt.Sprintf("is longer than %d bytes", longestPattern), "make several of it")
	case leastLength(tree) < 3:
		v.wrong("matches what has less than three characters", "make it longer: it would refuse almost everything")
	case stepsOf(tree) > longestPatterns:
		v.wrong("is too large when its repetitions are written out", "make them shorter")
	case slices.ContainsFunc(p.patterns, func(other Pattern) bool { return other.ID == pattern.ID }):
		v.wrong("has the id of another pattern", "give each an id of its own, or leave it out")
	default:
		return true
	}
	return false
}

func stepsOf(tree *syntax.Regexp) int {
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return longestPatterns + 1
	}
	return len(prog.Inst)
}

// leastLength is the length of the shortest match, in characters.
func leastLength(re *syntax.Regexp) int {
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return 1
	case syntax.OpCapture, syntax.OpPlus:
		return leastLength(re.Sub[0])
	case syntax.OpRepeat:
		return re.Min * leastLength(re.Sub[0])
	case syntax.OpConcat:
		n := 0
		for _, sub := range re.Sub {
			n += leastLength(sub)
		}
		return n
	case syntax.OpAlternate:
		n := leastLength(re.Sub[0])
		for _, sub := range re.Sub[1:] {
			n = min(n, leastLength(sub))
		}
		return n
	}
	return 0
}

// bareNames are files that have no extension and are kept to oneself.
func bareNames() []string {
	return []string{"id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "kubeconfig", "credentials", "shadow"}
}

func (p *Policy) readExtensions(v value, enabled bool) {
	for _, item := range v.items() {
		ext := strings.ToLower(item.text())
		known := slices.Contains(bareNames(), ext)
		if !known && (len(ext) < 2 || ext[0] != '.' || strings.ContainsAny(ext, "/\\*% ")) {
			item.wrong("is no file extension", `write it with its dot: ".pem"; without one, `+strings.Join(bareNames(), ", ")+" are known")
			continue
		}
		if enabled {
			p.extensions = append(p.extensions, ext)
		}
	}
}

// File is one that would be sent, by what was seen of it.
type File struct {
	Name string // as it is written, with or without a path; empty: none was seen
	// As are the extensions and names that its content usually has: .p12, id_rsa.
	As []string
}

// BlocksFiles reports whether some kinds of files may not leave.
func (p *Policy) BlocksFiles() bool { return p != nil && len(p.extensions) > 0 }

// BlocksFile reports whether a file may not leave.
func (p *Policy) BlocksFile(f File) bool {
	return p != nil && (p.blocksName(f.Name) || p.blocksContent(f))
}

func (p *Policy) blocksContent(f File) bool {
	return slices.ContainsFunc(f.As, func(as string) bool { return slices.Contains(p.extensions, as) })
}

// blocksName compares a name as file systems understand it: in any case, and
// without what they drop at its end. What stands behind .env is another of its kind.
func (p *Policy) blocksName(name string) bool {
	name = strings.ToLower(path.Base(strings.ReplaceAll(name, "\\", "/")))
	name, _, _ = strings.Cut(name, "\x00")
	name, _, _ = strings.Cut(name, "::$")
	name = strings.TrimRight(name, ". ")
	return slices.ContainsFunc(p.extensions, func(e string) bool {
		if e[0] != '.' {
			return name == e
		}
		return strings.HasSuffix(name, e) || e == ".env" && strings.HasPrefix(name, ".env.")
	})
}

// blockedExtension reports whether a request sends a file under a name that may
// not leave: in its path, or somewhere within.
func (p *Policy) blockedExtension(r *Request) bool {
	if len(p.extensions) == 0 {
		return false
	}
	if slices.ContainsFunc(r.Files, func(f File) bool { return p.blocksName(f.Name) }) {
		return true
	}
	return r.Path != "" && r.Method != "GET" && r.Method != "HEAD" && r.Method != "OPTIONS" && p.blocksName(r.Path)
}

// blockedFile reports whether a request sends what such a file holds, whatever it
// is called.
func (p *Policy) blockedFile(r *Request) bool { return slices.ContainsFunc(r.Files, p.blocksContent) }
