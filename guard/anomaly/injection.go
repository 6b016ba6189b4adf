package anomaly

import "strings"

// IsCommandInjection reports whether an input would run a command if a shell read it:
// a separator or a substitution, a command that attackers begin with, and, behind a
// mere separator, something only a command line has: "name; cat /etc/passwd" is one,
// "black; cat lovers" is none. Quotes and backslashes within words, $IFS and braces in
// place of spaces, and percent-encoding are undone first. It reads the first 8 KiB.
//
// It is for alerts. What it does not know is still not safe to hand to a shell.
func IsCommandInjection(input string) bool {
	input = input[:min(len(input), mostRead)]
	if !strings.ContainsAny(input, ";|&`$\n%<>") {
		return false
	}
	text := shellPlain(unescaped(input))
	for i := 0; i < len(text); i++ {
		if n, sure := opens(text[i:]); n > 0 && !endsEntity(text[:i+1]) && runs(text[i+n:], sure) {
			return true
		}
	}
	return false
}

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

// opens reports whether a command may begin behind s[:n]. It is sure of what plain
// text does not have: substitutions, and separators that are doubled.
func opens(s string) (n int, sure bool) {
	for _, doubled := range [...]string{"$(", "<(", ">(", "&&", "||"} {
		if strings.HasPrefix(s, doubled) {
			return 2, true
		}
	}
	switch {
	case s[0] == '`':
		return 1, true
	case strings.IndexByte(";|&\n", s[0]) >= 0:
		return 1, false
	}
	return 0, false
}

// runs reports whether s begins with a command.
func runs(s string, sure bool) bool {
	close := s != "" && s[0] != ' ' && s[0] != '\t'
	s = strings.TrimLeft(s, " \t(!{")
	word := s
	if i := strings.IndexAny(s, " \t\r\n;|&<>()`'\",}"); i >= 0 {
		word = s[:i]
	}
	if strings.HasPrefix(word, "/") && strings.ContainsAny(word, "?*") {
		return true // a path of patterns, as /???/c?t
	}
	name := word[strings.LastIndexAny(word, `/\`)+1:]
	kind := commandNamed(strings.TrimSuffix(strings.ToLower(name), ".exe"))
	if kind == noCommand {
		return false
	}
	return sure || name != word || argued(s[len(word):], kind, close)
}

// argued reports whether what follows a command's name is what follows one in a shell:
// the next command or its end, or an argument that no sentence goes on with. A name
// that is also a word ends an input only when it stands close to its separator.
func argued(rest string, kind command, close bool) bool {
	rest = strings.TrimLeft(rest, " \t,")
	if rest == "" {
		return kind != alsoWord || close
	}
	if strings.IndexByte(";|&<>`)\r\n#}'\"", rest[0]) >= 0 {
		return kind != alsoWord || close || strings.IndexByte("|<>#", rest[0]) >= 0
	}
	word, _, _ := strings.Cut(rest, " ")
	if '0' <= word[0] && word[0] <= '9' {
		return kind == takesNumber
	}
	return strings.ContainsAny(word, `/\$=~*@`) || word[0] == '-' && len(word) > 1
}

// shellPlain writes a command as it is after the shell has read it: without quotes and
// backslashes inside of words, with spaces where attackers write what becomes one.
func shellPlain(s string) string {
	if !strings.ContainsAny(s, `$\'"`) {
		return s
	}
	s = strings.NewReplacer("${IFS}", " ", "$IFS$9", " ", "$IFS", " ", `\`+"\n", "", "$@", "").Replace(s)
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		inside := i > 0 && letter(s[i-1]) && i+1 < len(s)
		switch {
		case inside && (s[i] == '\'' || s[i] == '"') && s[i+1] == s[i] && i+2 < len(s) && letter(s[i+2]):
			i++
		case s[i] == '\\' && i+1 < len(s) && letter(s[i+1]) && (inside || i > 0 && strings.IndexByte(" ;|&`(", s[i-1]) >= 0):
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

func letter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// command is what a name is.
type command uint8

const (
	noCommand   command = iota
	onlyCommand         // and no word of a sentence
	alsoWord
	takesNumber // also a word, and known by the number behind it
)

// commandNamed knows what attackers run first: what tells where they are, fetches
// more, waits so that they see that it ran, or opens a way back.
func commandNamed(name string) command {
	switch name {
	case "tac", "xxd", "grep", "ls", "whoami", "uname", "printenv", "ps", "pwd", "ifconfig", "netstat", "systeminfo", "ipconfig", "tasklist",
		"wget", "tftp", "scp", "certutil", "bitsadmin", "nslookup",
		"sh", "bash", "zsh", "ksh", "busybox", "powershell", "pwsh", "python2", "python3", "php",
		"nc", "ncat", "netcat", "socat", "openssl", "mkfifo", "rm", "mv", "cp", "chmod", "chown", "mkdir", "printf", "base64", "eval", "xargs", "awk", "sed",
		"crontab", "useradd", "passwd", "sudo", "kubectl":
		return onlyCommand
	case "cat", "head", "tail", "less", "more", "nl", "od", "strings", "find", "dir", "type", "id", "who", "w", "hostname", "env", "set", "ip", "ss", "net",
		"curl", "fetch", "ftp", "dig", "host", "cmd", "dash", "python", "perl", "ruby", "node", "lua", "telnet", "ssh",
		"touch", "dd", "tee", "echo", "exec", "su", "reboot", "shutdown", "docker":
		return alsoWord
	case "sleep", "ping", "timeout", "kill":
		return takesNumber
	}
	return noCommand
}
