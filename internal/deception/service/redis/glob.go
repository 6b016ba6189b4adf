package redis

// matches reports whether a text fits a pattern of KEYS: * ? [a-z] [^a] \x. It
// takes at most the product of both lengths, where the server's own search can
// take exponential time.
func matches(pattern, s string, fold bool) bool {
	p, i, star, back := 0, 0, -1, 0
	for i < len(s) {
		if p < len(pattern) && pattern[p] == '*' {
			star, back = p, i
			p++
			continue
		}
		if n, ok := one(pattern[min(p, len(pattern)):], s[i], fold); ok {
			p, i = p+n, i+1
			continue
		}
		if star < 0 {
			return false
		}
		back++
		p, i = star+1, back
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// one matches a byte with the start of a pattern and returns how much of it
// that takes.
func one(p string, c byte, fold bool) (int, bool) {
	if p == "" {
		return 0, false
	}
	switch p[0] {
	case '?':
		return 1, true
	case '[':
		return class(p, lower(c, fold), fold)
	case '\\':
		if len(p) > 1 {
			return 2, lower(p[1], fold) == lower(c, fold)
		}
	}
	return 1, lower(p[0], fold) == lower(c, fold)
}

func class(p string, c byte, fold bool) (int, bool) {
	i, not, hit := 1, false, false
	if i < len(p) && p[i] == '^' {
		not, i = true, 2
	}
	for ; i < len(p) && p[i] != ']'; i++ {
		from, to := p[i], p[i]
		switch {
		case p[i] == '\\' && i+1 < len(p):
			i++
			from, to = p[i], p[i]
		case i+2 < len(p) && p[i+1] == '-':
			from, to = min(p[i], p[i+2]), max(p[i], p[i+2])
			i += 2
		}
		hit = hit || lower(from, fold) <= c && c <= lower(to, fold)
	}
	return min(i+1, len(p)), hit != not
}

func lower(c byte, fold bool) byte {
	if fold && 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
