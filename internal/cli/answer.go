package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"go.cordon.dev/cordon/internal/api/client"
)

// answerError is a server's answer that says no, in the words of the command line.
type answerError struct {
	words string
	cause error
}

func (e answerError) Error() string { return e.words }
func (e answerError) Unwrap() error { return e.cause }

// unreachable says which server did not answer, in place of the call that was tried.
func unreachable(server string, err error) error {
	var call *url.Error
	if server == "" || !errors.As(err, &call) || errors.Is(err, context.Canceled) {
		return err
	}
	return answerError{fmt.Sprintf("no answer from %s: %v; is Cordon running there, and reached from here?", server, call.Err), err}
}

// inOurWords says an answer of the API as whoever typed the command knows things: fields
// as flags and arguments, calls as commands.
func inOurWords(typed *kong.Node, err error) error {
	var no *client.Error
	var coded codeError
	if !errors.As(err, &no) || errors.As(err, &coded) {
		return err
	}
	words := fieldPattern().ReplaceAllStringFunc(err.Error(), func(field string) string { return typedName(typed, field) })
	return answerError{callWords().Replace(words), err}
}

// fieldPattern matches where in a request something is wrong, as problems name it.
func fieldPattern() *regexp.Regexp {
	return regexp.MustCompile(`\b(?:body|query|path)(?:\.[A-Za-z0-9_-]+(?:\[\d+\])?)+`)
}

// typedName is the flag or the argument that a field of a request came from. What came
// from neither is named in words.
func typedName(typed *kong.Node, field string) string {
	_, rest, _ := strings.Cut(field, ".")
	top, _, _ := strings.Cut(rest, ".")
	top, _, _ = strings.Cut(top, "[")
	name := strings.ReplaceAll(top, "_", "-")
	for _, form := range []string{name, strings.TrimSuffix(name, "s")} {
		for _, f := range typed.Flags {
			if f.Name == form || slices.Contains(f.Aliases, form) {
				return "--" + f.Name
			}
		}
		for _, p := range typed.Positional {
			if p.Name == form {
				return "<" + p.Name + ">"
			}
		}
	}
	return strings.ReplaceAll(name, "-", " ")
}

// callWords replaces the calls that problems advise by the commands that make them.
func callWords() *strings.Replacer {
	return strings.NewReplacer(
		"GET /api/v1/anomalies lists", "cordon anomaly list shows",
		"GET /api/v1/anomaly/rules lists", "cordon anomaly rules shows",
		"GET /api/v1/attackers lists", "cordon attacker list shows",
		"POST /api/v1/audit/verify says", "cordon audit verify says",
		"GET /api/v1/credential-reuse lists", "the page Reuse shows",
		"GET /api/v1/decisions lists", "cordon decision list shows",
		"GET /api/v1/deckies lists", "cordon decky list shows",
		"GET /api/v1/egress/policy/versions lists", "cordon egress policy history shows",
		"GET /api/v1/gossip/blocks lists", "cordon bzzz blocks shows",
		"GET /api/v1/incidents lists", "cordon incident list --all shows",
		"GET /api/v1/patterns lists", "cordon rules list shows",
		"GET /api/v1/playbooks/actions lists", "cordon playbook actions shows",
		"GET /api/v1/rules lists", "cordon rules list shows",
		"GET /api/v1/silences lists", "cordon silence list shows",
		"GET /api/v1/webhooks lists", "cordon webhook list shows",
		"GET /api/v1/workers lists", "cordon worker list shows",
	)
}
