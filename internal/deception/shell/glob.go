package shell

import (
	"path"
	"slices"
	"strings"
)

// mostNames is how many file names one pattern gives.
const mostNames = 50_000

// glob turns a field into file names when it is a pattern that some match, and
// otherwise into its text.
func (sh *shell) glob(f field) ([]string, error) {
	var text, pat strings.Builder
	magic := false
	for _, p := range f {
		text.WriteString(p.text)
		if p.quoted {
			pat.WriteString(escapePattern(p.text))
			continue
		}
		pat.WriteString(p.text)
		magic = magic || strings.ContainsAny(p.text, "*?[") || extglob(p.text)
	}
	if !magic || sh.options.noglob {
		return []string{text.String()}, nil
	}
	names := sh.names1(pat.String())
	switch {
	case len(names) > 0:
		return names, nil
	case sh.shopts.on("failglob"):
		return nil, sh.fault("no match: %s", text.String())
	case sh.shopts.on("nullglob"):
		return nil, nil
	}
	return []string{text.String()}, nil
}

func extglob(s string) bool {
	i := strings.IndexByte(s, '(')
	return i > 0 && strings.IndexByte("+@!", s[i-1]) >= 0
}

// names1 are the files that match a pattern, sorted.
func (sh *shell) names1(pat string) []string {
	found := []string{""}
	rest := pat
	if strings.HasPrefix(rest, "/") {
		rest = strings.TrimLeft(rest, "/")
		found[0] = "/"
	}
	for rest != "" && len(found) > 0 {
		part, after, more := cutSlash(rest)
		var next []string
		for _, dir := range found {
			if next = append(next, sh.below(dir, part, more && after != "" || more)...); len(next) > mostNames {
				return next[:mostNames]
			}
		}
		found, rest = next, after
	}
	slices.SortFunc(found, collate)
	return found
}

// cutSlash cuts a pattern at its first slash outside a bracket.
func cutSlash(pat string) (part, rest string, more bool) {
	part, rest, more = strings.Cut(pat, "/")
	return part, strings.TrimLeft(rest, "/"), more
}

// below are the files in a folder that match one part of a pattern; folder says
// that a slash follows.
func (sh *shell) below(dir, part string, folder bool) (out []string) {
	if !sh.step() {
		return nil
	}
	if part == "**" && sh.shopts.on("globstar") {
		return sh.deep(dir, folder)
	}
	if !strings.ContainsAny(part, "*?[") && !extglob(part) {
		return sh.plain(dir, unescapePattern(part), folder)
	}
	view := sh.view()
	list, err := view.ReadDir(dirName(dir))
	if err != nil {
		return nil
	}
	m, pattern := sh.matcher(), parsePattern(part, sh.shopts.on("nocaseglob"))
	hidden := strings.HasPrefix(unescapePattern(part), ".")
	for _, i := range list {
		if strings.HasPrefix(i.Name, ".") && !hidden && !sh.shopts.on("dotglob") || !m.matchAll(pattern, i.Name) {
			continue
		}
		name := dir + i.Name
		if folder {
			if at, err := view.Stat(name); err != nil || !at.IsDir() {
				continue
			}
			name += "/"
		}
		out = append(out, name)
	}
	return out
}

func (sh *shell) plain(dir, name string, folder bool) []string {
	if _, err := sh.view().Lstat(dir + name); err != nil {
		return nil
	}
	if folder {
		name += "/"
	}
	return []string{dir + name}
}

// deep is ** with globstar: the folder and all below it.
func (sh *shell) deep(dir string, folder bool) (out []string) {
	if folder {
		out = append(out, dir)
	} else if dir != "" {
		out = append(out, dir)
	}
	list, err := sh.view().ReadDir(dirName(dir))
	if err != nil {
		return out
	}
	for _, i := range list {
		if !sh.step() || strings.HasPrefix(i.Name, ".") || len(out) > mostNames {
			continue
		}
		if i.IsDir() {
			if folder {
				out = append(out, sh.deep(dir+i.Name+"/", folder)...)
				continue
			}
			out = append(out, dir+i.Name)
			out = append(out, sh.deep(dir+i.Name+"/", false)[1:]...)
		} else if !folder {
			out = append(out, dir+i.Name)
		}
	}
	return out
}

func dirName(dir string) string {
	if dir == "" {
		return "."
	}
	return dir
}

func unescapePattern(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// collate orders names by their bytes, as in the C locale that a service's
// shell has.
func collate(a, b string) int { return strings.Compare(a, b) }

// clean path of a name from the shell's folder.
func (sh *shell) abs(name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(sh.dir, name)
}
