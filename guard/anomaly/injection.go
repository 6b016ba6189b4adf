package anomaly

import "strings"

// IsCommandInjection reports whether an input would run a command if a shell read it:
// a separator or a substitution, a command that attackers begin with, and, behind a
// mere separator, something only a command line has: "name; cat /etc/passwd" is one,
// "black; cat lovers" is none. Quotes and backslashes within words, $IFS and braces in
// place of spaces, and percent-encoding are undone first. It reads the first 32 KiB.
//
// It is for alerts. What it does not know is still not safe to hand to a shell.
func IsCommandInjection(input string) bool {
	input = input[:min(len(input), mostRead)]
	if !strings.ContainsAny(input, ";|&`$\n%<>") {
		return false
	}
	text := spaced(unescaped(input))
	for i := 0; i < len(text); i++ {
		next := strings.IndexAny(text[i:], openers)
		if next < 0 {
			return false
		}
		i += next
		if o := opens(text, i); o.length > 0 && !endsEntity(text[:i+1]) && runs(text[i+o.length:], o) {
			return true
		}
	}
	return false
}

// openers are the signs that a command may begin behind.
const openers = ";|&`$\n<>"

// endsEntity reports whether a text ends with an entity of HTML, as &lt; is one.
func endsEntity(text string) bool {
	const longest = 10
	if !strings.HasSuffix(text, ";") {
		return false
	}
	text = text[max(0, len(text)-longest) : len(text)-1]
	i := strings.LastIndexByte(text, '&')
	return i >= 0 && i+1 < len(text) && !strings.ContainsFunc(text[i+1:], func(r rune) bool {
		return r != '#' && !(r < 0x80 && letter(byte(r))) && (r < '0' || r > '9')
	})
}

// opener is where a command may begin.
type opener struct {
	length int         // 0: none does
	sure   bool        // plain text does not have it: a substitution, a separator that is doubled
	quoted bool        // as Markdown quotes code in a sentence
	listed func() bool // whether it parts the items of a list or the parameters of a URL; nil: it does not
}

// opens reports whether a command may begin behind text[i].
func opens(text string, i int) opener {
	s := text[i:]
	for _, doubled := range [...]string{"$(", "<(", ">(", "&&", "||"} {
		if strings.HasPrefix(s, doubled) {
			return opener{length: 2, sure: true}
		}
	}
	switch {
	case s[0] == '`':
		quoted := inSentence(text, i)
		return opener{length: 1, sure: !quoted, quoted: quoted}
	case strings.IndexByte(";|&\n", s[0]) >= 0:
		return opener{length: 1, listed: func() bool { return listed(text, i) }}
	}
	return opener{}
}

// inSentence reports whether a backtick stands where Markdown begins to quote code:
// behind a word and a space.
func inSentence(text string, i int) bool {
	before := strings.TrimRight(text[:i], " (")
	if before == "" || len(before) == i || strings.IndexByte(";|&`", before[len(before)-1]) >= 0 {
		return false
	}
	return strings.IndexByte(text[i+1:], '`') > 0
}

// listed reports whether text[i] parts what is no command line: parameters of a URL, or
// three names at least, as in "id|name|host", each between the same sign. A row of a
// table has two.
func listed(text string, i int) bool {
	if text[i] == '&' && strings.Contains(text[:i], "?") && strings.Contains(text[:i], "=") && i+1 < len(text) && text[i+1] != ' ' {
		return true
	}
	sign, least := text[i], 3
	if sign != '\n' {
		text = lineAt(text, i)
	}
	if len(text) > longestList {
		return false
	}
	if row := strings.TrimSpace(text); sign == '|' && len(row) > 2 && row[0] == '|' && row[len(row)-1] == '|' {
		text, least = row[1:len(row)-1], 2
	}
	items := 0
	for item := range strings.SplitSeq(strings.TrimRight(text, "\n"), string(sign)) {
		if items++; !isName(strings.TrimSpace(item)) {
			return false
		}
	}
	return items >= least
}

// longestList bounds a line that may be a list, in bytes: whoever writes one that has
// many separators pays for them all.
const longestList = 512

// lineAt is the line of a text that its byte i is in, or so much of it that it is no
// list.
func lineAt(text string, i int) string {
	text, i = text[max(0, i-longestList):min(len(text), i+longestList)], min(i, longestList)
	from := strings.LastIndexByte(text[:i], '\n') + 1
	line, _, _ := strings.Cut(text[from:], "\n")
	return line
}

func isName(s string) bool {
	return s != "" && letter(s[0]) && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '_' && r != '-' && r != ':' && (r < '0' || r > '9') && !(r < 0x80 && letter(byte(r)))
	})
}

// runs reports whether s begins with a command.
func runs(s string, o opener) bool {
	close := s != "" && s[0] != ' '
	s = strings.TrimLeft(s, " \t\v\f\x00(!{")
	if strings.HasPrefix(s, "</") && o.sure { // $(</etc/passwd)
		return true
	}
	word, n := shellWord(s)
	if strings.HasPrefix(word, "/") && strings.ContainsAny(word, "?*") {
		return true // a path of patterns, as /???/c?t
	}
	kind, path := commandOf(word, s[:n])
	switch {
	case kind == noCommand:
		return false
	case kind == surely:
		return true
	case kind == runsAnother:
		o.sure = o.sure || !o.quoted
		return runs(strings.TrimLeft(s[n:], " "), o)
	case o.quoted:
		argument, _, _ := strings.Cut(strings.TrimLeft(s[n:], " "), "`")
		return strings.ContainsAny(argument, "/$")
	}
	return o.sure || path || argued(s[n:], kind, close, o)
}

// commandOf is which command a word is, as the shell reads it and as it was written:
// with a backslash a path of Windows'. path: it says where the program is.
func commandOf(word, written string) (kind command, path bool) {
	for _, w := range [...]string{word, written} {
		name := w[strings.LastIndexAny(w, `/\`)+1:]
		path = name != w && (strings.IndexByte(`/.~$`, w[0]) >= 0 || strings.Contains(w, `:\`))
		if name != w && !path {
			continue
		}
		if kind = commandNamed(strings.TrimSuffix(strings.ToLower(name), ".exe")); kind != noCommand {
			return kind, path
		}
	}
	return noCommand, false
}

// argued reports whether what follows a command's name is what follows one in a shell:
// the next command or its end, or an argument that no sentence goes on with. A name
// that is also a word ends an input only when it stands close to its separator, and in
// no list.
func argued(rest string, kind command, close bool, o opener) bool {
	rest = strings.TrimLeft(rest, " \t,")
	if rest == "" || strings.IndexByte(";|&<>`)\r\n#}'\"", rest[0]) >= 0 {
		redirected := rest != "" && strings.IndexByte("|<>#", rest[0]) >= 0
		return kind == onlyCommand || (kind == alsoWord && close || redirected) && (o.listed == nil || !o.listed())
	}
	word, _, _ := strings.Cut(rest, " ")
	if '0' <= word[0] && word[0] <= '9' {
		return kind == takesNumber || kind == takesHost && strings.Contains(word, ".") || kind == onlyCommand
	}
	switch kind {
	case onlyCommand:
		return names(word) || strings.ContainsAny(word[1:], "=/.")
	case takesHost:
		return names(word) || dotted(word)
	}
	return names(word)
}

// names reports whether a word is what commands are told and no sentence goes on with:
// an option, a file, a variable, a pattern, a user of a host.
func names(word string) bool {
	if word == "" {
		return false
	}
	word, _, _ = strings.Cut(word, " ")
	variable := strings.IndexByte(word, '$')
	return strings.IndexByte("/~", word[0]) >= 0 || word[0] == '-' && len(word) > 1 || strings.HasPrefix(word, "./") || strings.HasPrefix(word, "../") ||
		strings.ContainsAny(word, `\*`) || strings.Contains(word, "://") || strings.Contains(word, "/") && (strings.Contains(word, ".") || strings.Count(word, "/") > 1) ||
		strings.IndexByte(word, '@') > 0 || variable >= 0 && variable+1 < len(word) && (letter(word[variable+1]) || strings.IndexByte("{(", word[variable+1]) >= 0)
}

// dotted reports whether a word is a name of a host: a dot stands within it.
func dotted(word string) bool {
	at := strings.IndexByte(word, '.')
	return at > 0 && at+1 < len(word) && letter(word[at+1])
}

// spaced writes spaces where attackers write what becomes one.
func spaced(s string) string {
	if !strings.ContainsAny(s, `$\`) {
		return s
	}
	return strings.NewReplacer("${IFS}", " ", "$IFS$9", " ", "$IFS", " ", `\`+"\n", "", "$@", "", "$*", "").Replace(s)
}

// delimiters end a word.
const delimiters = " \t\r\n;|&<>()`'\",}"

// shellWord reads a command's name as shells do: without the quotes within it, and
// the backslashes and carets before letters. n is how long it was written.
func shellWord(s string) (word string, n int) {
	if i := strings.IndexAny(s, delimiters+`\^$`); i < 0 || strings.IndexByte(`\^$'"`, s[i]) < 0 {
		if i < 0 {
			i = len(s)
		}
		return s[:i], i
	}
	b := make([]byte, 0, 16)
	for n < len(s) && len(b) < longestWord {
		switch c := s[n]; {
		case c == '\'' || c == '"':
			inside := s[n+1:]
			end := strings.IndexByte(inside[:min(len(inside), longestWord)], c)
			if end < 0 || strings.ContainsAny(inside[:end], delimiters) {
				return string(b), n
			}
			b, n = append(b, inside[:end]...), n+end+2
		case c == '$' && n+1 < len(s) && (s[n+1] == '\'' || s[n+1] == '"'):
			n++
		case c == '$' && n+1 < len(s) && '0' <= s[n+1] && s[n+1] <= '9': // a parameter, which is empty
			n += 2
		case (c == '\\' || c == '^') && n+1 < len(s) && letter(s[n+1]):
			n++
		case strings.IndexByte(delimiters, c) >= 0:
			return string(b), n
		default:
			b, n = append(b, c), n+1
		}
	}
	return string(b), n
}

// longestWord is how much of a command's name is read, in bytes.
const longestWord = 256

func letter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// command is what a name is.
type command uint8

const (
	noCommand   command = iota
	surely              // and named in no sentence
	onlyCommand         // and no word of a sentence
	alsoWord            // and does something by itself
	takesFile           // also a word, and does nothing without being told more
	takesNumber         // also a word, and known by the number behind it
	takesHost           // also a word, and known by the address behind it
	runsAnother         // known by the command behind it
)

// commandNamed knows what attackers run first: what tells where they are, fetches
// more, waits so that they see that it ran, or opens a way back.
func commandNamed(name string) command {
	switch name {
	case "systeminfo", "tasklist", "certutil", "bitsadmin", "wmic", "mshta", "rundll32", "regsvr32", "cscript", "wscript", "schtasks", "mkfifo", "telnetd":
		return surely
	case "tac", "xxd", "grep", "ls", "whoami", "uname", "printenv", "ps", "pwd", "ifconfig", "netstat", "ipconfig",
		"lscpu", "lsof", "df", "getent", "wget", "tftp", "scp", "nslookup", "busybox",
		"nc", "ncat", "netcat", "socat", "rm", "mv", "cp", "ln", "chmod", "chown", "mkdir", "printf", "dd", "crontab", "useradd", "usermod", "adduser",
		"iptables", "systemctl", "nmap", "tcpdump":
		return onlyCommand
	case "id", "who", "w", "hostname", "env", "set", "dir", "ss", "reboot":
		return alsoWord
	case "cat", "head", "tail", "less", "more", "nl", "od", "strings", "find", "type", "ip", "net", "cmd", "touch", "tee", "echo", "exec", "su", "shutdown", "docker",
		"sh", "bash", "zsh", "ksh", "dash", "powershell", "pwsh", "php", "python", "python2", "python3", "perl", "ruby", "node", "lua", "gcc", "openssl", "base64", "awk", "sed",
		"kubectl", "passwd", "cd", "source", "tar", "stat", "file", "sort", "rev", "cut", "mount", "reg":
		return takesFile
	case "curl", "fetch", "ftp", "dig", "host", "telnet", "ssh":
		return takesHost
	case "sleep", "ping", "timeout", "kill":
		return takesNumber
	case "sudo", "nohup", "time", "command", "eval", "xargs":
		return runsAnother
	}
	return noCommand
}
