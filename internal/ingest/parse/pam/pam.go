// Package pam is the parser of what pam_unix logs of logins, su and the like,
// and of what sudo logs itself. README.md describes it.
//
// It may import ingest/parse and the standard library.
package pam

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/ingest/parse"
)

// Plugin returns the parser.
func Plugin() parse.Plugin {
	return parse.Plugin{Name: "pam", New: func() parse.Parser { return parser{} }}
}

type parser struct{}

// Parse implements parse.Parser.
func (parser) Parse(m parse.Message) (parse.Record, int) {
	switch {
	case m.Program == "sudo" && !strings.HasPrefix(m.Text, module):
		return parseSudo(m.Text)
	case m.Program != "":
		return parseUnix(m.Text)
	}
	return parse.Record{}, 0
}

// module is how each line of pam_unix begins.
const module = "pam_unix("

// counted are the services that log each attempt themselves.
func counted() []string { return []string{"sshd", "sudo"} }

// parseUnix reads "pam_unix(SERVICE:auth): authentication failure; KEY=VALUE ..."
// and "pam_unix(SERVICE:auth): N more authentication failures; ...", which tells
// at the end of those after the first.
func parseUnix(text string) (r parse.Record, times int) {
	rest, ok := strings.CutPrefix(text, module)
	service, rest, found := strings.Cut(rest, ":auth): ")
	if !ok || !found || slices.Contains(counted(), service) || strings.ContainsAny(service, " :") {
		return r, 0
	}
	what, fields, _ := strings.Cut(rest, "; ")
	if times = failures(what); times == 0 {
		return r, 0
	}
	r = parse.Record{Kind: parse.AuthFailed, Attributes: map[string]string{parse.Service: service}}
	readFields(&r, fields)
	return r, times
}

// failures reads how many there were; 0: it is about something else.
func failures(what string) int {
	count, rest, _ := strings.Cut(what, " ")
	switch {
	case what == "authentication failure":
		return 1
	case rest == "more authentication failure", rest == "more authentication failures":
		n, err := strconv.ParseUint(count, 10, 64)
		if err == nil {
			return int(min(n, parse.MaxTimes))
		}
	}
	return 0
}

// readFields reads "logname= uid=0 euid=0 tty=T ruser=R rhost=H  user=U". Some
// services put a client's words into ruser and user. Where those forge a field,
// the real one cannot be told from it, and the record blames nobody.
func readFields(r *parse.Record, fields string) {
	if forged(fields) {
		r.Attributes[parse.Reason] = "ambiguous"
		return
	}
	rest, user, _ := strings.Cut(fields, " user=")
	rest, host, _ := strings.Cut(rest, " rhost=")
	rest, asked, _ := strings.Cut(rest, " ruser=")
	_, tty, _ := strings.Cut(rest, " tty=")
	r.User, r.Attributes[parse.RUser], r.Attributes[parse.TTY] = user, asked, tty
	host = strings.TrimSpace(host)
	addr, err := netip.ParseAddr(host)
	if r.SourceIP = addr; err != nil {
		r.Attributes[parse.RHost] = host
	}
}

// forged says that a field is there twice, or not in pam_unix's order.
func forged(fields string) bool {
	last := -1
	for _, key := range []string{" tty=", " ruser=", " rhost=", " user="} {
		at := strings.Index(fields, key)
		if at >= 0 && (at < last || strings.LastIndex(fields, key) != at) {
			return true
		}
		last = max(last, at)
	}
	return false
}
