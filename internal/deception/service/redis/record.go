package redis

import (
	"fmt"
	"strings"

	"go.cordon.dev/cordon/internal/deception/service"
)

// record takes down a request. cmd is nil when there is no such command.
func (c *client) record(args []string, cmd *command) {
	line := render(args)
	if cmd != nil && cmd.is("no_auth") {
		line = withoutPassword(args) // told by the attempt, where it is a credential
	}
	fields := []service.Field{{Name: "line", Value: line}}
	if cmd == nil {
		fields = append(fields, service.Field{Name: "unknown", Value: "true"})
	}
	if step := chain(cmd, args); step != "" {
		fields = append(fields, service.Field{Name: "step", Value: step})
	}
	var raw []byte
	if len(line) > service.MaxField {
		raw = []byte(line)
	}
	c.session.Record(service.Command, raw, fields...)
}

// chain names the step of a known attack that a command is, if it is one.
func chain(cmd *command, args []string) string {
	if cmd == nil {
		if strings.HasPrefix(strings.ToLower(args[0]), "system.") { // what the usual module brings
			return "module command"
		}
		return ""
	}
	switch cmd.name {
	case "config|set":
		for i := 2; i < len(args); i += 2 {
			if oneOf(strings.ToLower(args[i]), "dir", "dbfilename", "appendfilename", "appenddirname") {
				return "choose a file to write"
			}
		}
	case "save", "bgsave", "bgrewriteaof":
		return "write the file"
	case "replicaof", "slaveof":
		return "follow a foreign primary"
	case "module|load", "module|loadex":
		return "load a module"
	case "eval", "evalsha", "eval_ro", "evalsha_ro", "function|load":
		return "run a script"
	case "migrate":
		return "send keys elsewhere"
	}
	return ""
}

func withoutPassword(args []string) string {
	out := append([]string{}, args...)
	switch strings.ToLower(args[0]) {
	case "auth":
		out[len(out)-1] = "(redacted)"
	case "hello":
		for i := 2; i+2 < len(out); i++ {
			if strings.EqualFold(out[i], "AUTH") {
				out[i+2] = "(redacted)"
				i += 2
			}
		}
	}
	return render(out)
}

// render writes a request as the command line client would take it.
func render(args []string) string {
	var b strings.Builder
	for i, a := range args {
		if i > 0 {
			b.WriteByte(' ')
		}
		if b.Len() > service.MaxRaw {
			break
		}
		if a != "" && strings.IndexFunc(a, strange) < 0 {
			b.WriteString(a)
		} else {
			b.WriteString(quote(a))
		}
	}
	return b.String()
}

func strange(r rune) bool { return r <= ' ' || r >= 0x7f || r == '"' || r == '\'' || r == '\\' }

// quote writes a text as MONITOR and the command line client do.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range []byte(s) {
		switch i := strings.IndexByte("\n\r\t\a\b", c); {
		case c == '"' || c == '\\':
			b.Write([]byte{'\\', c})
		case i >= 0:
			b.Write([]byte{'\\', "nrtab"[i]})
		case c < ' ' || c > '~':
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
