package formattest_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify"
	"go.cordon.dev/cordon/internal/notify/formattest"
)

// fake renders what its function says.
type fake struct {
	render func(event.Event) ([]byte, string, error)
}

func (fake) Name() string { return "fake" }

func (f fake) Render(e event.Event) ([]byte, string, error) { return f.render(e) }

func body(s string) func(event.Event) ([]byte, string, error) {
	return func(event.Event) ([]byte, string, error) { return []byte(s), "application/json", nil }
}

func TestSuiteSeesEachKindOfBadFormat(t *testing.T) {
	calls := 0
	for name, tc := range map[string]struct {
		render func(event.Event) ([]byte, string, error)
		want   string // empty: nothing is wrong
	}{
		"good":             {body(`{"text":"fine\n"}`), ""},
		"refuses":          {func(event.Event) ([]byte, string, error) { return nil, "", errors.New("no") }, "refused: no"},
		"not JSON":         {body(`{"text":`), "not one JSON value"},
		"two values":       {body(`{}{}`), "not one JSON value"},
		"raw newline":      {body("{}\n"), "raw U+000A"},
		"raw direction":    {body("\"\u202e\""), "raw U+202E"},
		"not UTF-8":        {body("\"\xff\""), "not UTF-8"},
		"terminal escape":  {body(`"\u001b[31m"`), "text shows U+001B"},
		"forbidden markup": {body(`{"a":["<!channel>"]}`), `text holds "<!"`},
		"forbidden key":    {body(`{"<!channel>":1}`), `text holds "<!"`},
		"too large":        {body(`"` + strings.Repeat("x", notify.MaxBody) + `"`), "more than"},
		"not said as JSON": {func(event.Event) ([]byte, string, error) { return []byte("{}"), "text/html", nil }, "content type"},
		"different anytime": {func(event.Event) ([]byte, string, error) {
			calls++
			return fmt.Append(nil, calls), "application/json", nil
		}, "differ"},
	} {
		s := formattest.Suite{Format: fake{tc.render}, ForPeople: true, Forbidden: []string{"<!"}}
		got := strings.Join(s.Problems(formattest.Examples(t)[0]), "; ")
		if (tc.want == "") != (got == "") || !strings.Contains(got, tc.want) {
			t.Errorf("%s: problems %q, want %q", name, got, tc.want)
		}
	}
}
