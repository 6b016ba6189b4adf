package pam

import (
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/ingest/parse"
)

// parseSudo reads "USER : WHAT ; TTY=T ; PWD=... ; USER=... ; COMMAND=...", of
// which what follows the terminal is chosen by whoever ran it, and may hold
// secrets: it is not read.
func parseSudo(text string) (r parse.Record, times int) {
	user, rest, ok := strings.Cut(text, " : ")
	if !ok || user == "" || strings.Contains(user, " ") {
		return r, 0
	}
	what, fields, _ := strings.Cut(rest, " ; ")
	kind, reason, times := refusal(what)
	if times == 0 {
		return r, 0
	}
	field, _, _ := strings.Cut(fields, " ; ")
	tty, _ := strings.CutPrefix(field, "TTY=")
	return parse.Record{Kind: kind, User: user, Attributes: map[string]string{
		parse.Service: "sudo", parse.Reason: reason, parse.TTY: tty,
	}}, times
}

// refusal reads sudo's words for it (those of logging.c in 1.9.13).
func refusal(what string) (kind parse.Kind, reason string, times int) {
	switch what {
	case "command not allowed":
		return parse.PrivilegeDenied, "command_not_allowed", 1
	case "user NOT in sudoers":
		return parse.PrivilegeDenied, "not_in_sudoers", 1
	case "user NOT authorized on host":
		return parse.PrivilegeDenied, "not_on_this_host", 1
	}
	count, rest, _ := strings.Cut(what, " ")
	n, err := strconv.ParseUint(count, 10, 64)
	if err != nil || rest != "incorrect password attempt" && rest != "incorrect password attempts" {
		return "", "", 0
	}
	return parse.AuthFailed, "wrong_password", int(min(n, parse.MaxTimes))
}
