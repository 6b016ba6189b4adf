package anomaly

import "strings"

// WebAttack names what a text of a request does when what stands behind the web server
// reads it: "log4shell", "shellshock", "template injection" or "sql injection"; empty: it
// is none of these. The text may be a value of the query, or a header such as User-Agent
// and Referer. Percent-encoding is undone first; of 32 KiB that are read, shown is the
// part that gave it away.
//
// It knows forms that no honest text has, and no others: "union select committee" and
// "it's 5 or 6" are none. It is for alerts, not for a filter.
func WebAttack(text string) (name, shown string) {
	text = text[:min(len(text), mostRead)]
	if !suspect(text) {
		return "", ""
	}
	return webAttack(text)
}

// webAttack looks for every form.
func webAttack(text string) (name, shown string) {
	text = strings.ToLower(strings.ReplaceAll(unescaped(text), "+", " "))
	for _, known := range [...]struct {
		name string
		at   func(string) int
	}{{"log4shell", lookups}, {"shellshock", shellFunction}, {"template injection", template}, {"sql injection", sql}} {
		if at := known.at(text); at >= 0 {
			return known.name, text[at:min(len(text), at+mostDetail)]
		}
	}
	return "", ""
}

// mostLookups is how much of a text behind a first "${" is read for lookups within
// lookups, in bytes, and how many are undone: what attackers write is shorter.
const (
	mostLookups  = 2 << 10
	mostResolved = 64
)

// lookups finds a lookup of JNDI as Log4j 2 resolves it (CVE-2021-44228), also behind
// lookups that make its letters: ${lower:j}, ${env:x:-j}, ${::-j}.
func lookups(text string) int {
	at := strings.Index(text, "${")
	if at < 0 {
		return -1
	}
	s := text[at:min(len(text), at+mostLookups)]
	for range mostResolved {
		if strings.Contains(s, "${jndi:") {
			return at
		}
		end := strings.IndexByte(s, '}')
		if end < 0 {
			return -1
		}
		begin := strings.LastIndex(s[:end], "${")
		if begin < 0 {
			s = s[end+1:]
			continue
		}
		s = s[:begin] + resolved(s[begin+2:end]) + s[end+1:]
	}
	return -1
}

// resolved is what a lookup becomes.
func resolved(lookup string) string {
	if _, otherwise, ok := strings.Cut(lookup, ":-"); ok {
		return otherwise
	}
	for _, kind := range [...]string{"lower:", "upper:"} {
		if rest, ok := strings.CutPrefix(lookup, kind); ok {
			return rest
		}
	}
	return ""
}

// shellFunction finds a text that a shell takes for a function (CVE-2014-6271): it has
// to begin so.
func shellFunction(text string) int {
	rest, ok := strings.CutPrefix(strings.TrimLeft(text, " \t"), "()")
	if rest = strings.TrimLeft(rest, " \t"); !ok || !strings.HasPrefix(rest, "{") || !strings.ContainsAny(rest, ";>") {
		return -1
	}
	return 0
}

// template finds an expression that an engine of templates would work out: a sum, as
// those who try whether there is one write it, or a way to classes that no text names.
func template(text string) int {
	if !strings.ContainsAny(text, "{<@") && !strings.Contains(text, "__") {
		return -1
	}
	for _, word := range [...]string{
		"__globals__", "__subclasses__", "__mro__", "getruntime().exec", "t(java.lang.runtime", "#_memberaccess", "freemarker.template.utility.execute",
		"constructor.constructor(", "#context['com.opensymphony", "new java.lang.processbuilder",
	} {
		if at := strings.Index(text, word); at >= 0 {
			return at
		}
	}
	for _, opens := range [...]string{"{{", "${", "#{", "*{", "<%=", "%{", "@("} {
		for at := 0; ; at += len(opens) {
			next := strings.Index(text[at:], opens)
			if next < 0 {
				break
			}
			if at += next; isSum(text[at+len(opens):]) {
				return at
			}
		}
	}
	return -1
}

// isSum reports whether a text begins with a product, or a difference, of two numbers,
// and an end.
func isSum(s string) bool {
	s = strings.TrimLeft(s, " ")
	rest := strings.TrimLeft(s, "0123456789")
	if len(rest) == len(s) {
		return false
	}
	rest = strings.TrimLeft(rest, " ")
	if rest == "" || strings.IndexByte("*-", rest[0]) < 0 {
		return false
	}
	s = strings.TrimLeft(rest[1:], " '\"")
	rest = strings.TrimLeft(s, "0123456789")
	if len(rest) == len(s) {
		return false
	}
	rest = strings.TrimLeft(rest, " '\"")
	return rest != "" && strings.IndexByte("})%", rest[0]) >= 0
}

// Scanner names the tool that looks for weaknesses and says so in a User-Agent; empty:
// none does. Services that measure the whole Internet and say who they are, are none.
func Scanner(userAgent string) string {
	text := userAgent[:min(len(userAgent), mostAgent)]
	for at := 0; at < len(text); at++ {
		if !wordly(text[at]) {
			continue
		}
		end := at + 1
		for end < len(text) && wordly(text[end]) {
			end++
		}
		if name := scannerNamed(text[:at], text[at:end], text[end:]); name != "" {
			return name
		}
		at = end
	}
	return ""
}

// mostAgent is how much of a User-Agent is read for a tool's name, in bytes.
const mostAgent = 512

func wordly(c byte) bool { return letter(c) || '0' <= c && c <= '9' }

// scannerNamed knows a tool by a word, and by what stands around it where the word alone
// is also another's.
func scannerNamed(before, word, after string) string {
	var lower [12]byte
	if len(word) < 4 || len(word) > len(lower) {
		return ""
	}
	for i := range len(word) {
		lower[i] = word[i]
		if letter(word[i]) {
			lower[i] |= 0x20
		}
	}
	switch string(lower[:len(word)]) {
	case "nmap":
		return ifNamed("nmap", follows(after, " scripting engine"))
	case "fuzz":
		return ifNamed("ffuf", follows(after, " faster u fool"))
	case "hydra":
		return ifNamed("hydra", strings.HasSuffix(before, "(") && follows(after, ")"))
	}
	if isScanner(lower[:len(word)]) {
		return strings.ToLower(word)
	}
	return ""
}

func isScanner(word []byte) bool {
	switch string(word) {
	case "sqlmap", "nikto", "masscan", "zgrab", "nuclei", "wpscan", "acunetix", "openvas", "gobuster", "dirbuster", "feroxbuster", "wfuzz", "arachni", "w3af",
		"whatweb", "havij", "jaeles", "zmeu", "netsparker", "joomscan", "skipfish", "commix":
		return true
	}
	return false
}

func ifNamed(name string, ok bool) string {
	if !ok {
		return ""
	}
	return name
}

// follows says whether a text begins with words, in capitals or not.
func follows(text, words string) bool {
	return len(text) >= len(words) && strings.EqualFold(text[:len(words)], words)
}
