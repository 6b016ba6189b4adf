package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"go.cordon.dev/cordon/internal/api/client"
)

func typedNode(t *testing.T, args ...string) *kong.Node {
	t.Helper()
	parser, err := newParser(&grammar{}, Deps{Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	k, err := parser.Parse(args)
	if err != nil {
		t.Fatal(err)
	}
	return k.Selected()
}

// Whoever types a command knows its flags, not the fields of a request.
func TestAnswersAreInTheWordsOfTheCommandLine(t *testing.T) {
	for _, c := range []struct {
		args         []string
		answer, want string
	}{
		{[]string{"incident", "show", "1"}, "path.id: it is no id", "<id>: it is no id"},
		{[]string{"incident", "show", "1"}, "there is no incident 1; GET /api/v1/incidents lists all", "there is no incident 1; cordon incident list --all shows all"},
		{[]string{"webhook", "add", "x", "--url", "http://h"}, "body.url: leads inside; body.min_severity: what", "--url: leads inside; --min-severity: what"},
		{[]string{"webhook", "add", "x", "--url", "http://h"}, "body.topics[0]: is empty; body.id: is taken", "--topic: is empty; <id>: is taken"},
		{[]string{"incident", "ack", "1"}, "body.some_thing.inside: is wrong", "some thing: is wrong"},
		{[]string{"incident", "ack", "1"}, "the body. It ends", "the body. It ends"},
	} {
		cause := fmt.Errorf("asking: %w", &client.Error{Status: 422, Detail: c.answer})
		err := inOurWords(typedNode(t, c.args...), cause)
		if err.Error() != "asking: "+c.want || client.StatusOf(err) != 422 {
			t.Errorf("%v: %q, want %q", c.args, err, c.want)
		}
	}
	own := errors.New("reading body.txt: no such file")
	if err := inOurWords(typedNode(t, "doctor"), own); !errors.Is(err, own) || err.Error() != own.Error() {
		t.Errorf("an error of our own is changed: %v", err)
	}
}

// Every call that a problem advises has a command, which there is.
func TestCallsInAdviceHaveCommands(t *testing.T) {
	files, err := filepath.Glob("../api/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	advice := regexp.MustCompile(`problem\(.*"[^"]*?((?:GET|POST) /api/v1/[a-z/-]+ (?:lists|says))`)
	seen := 0
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range advice.FindAllSubmatch(b, -1) {
			seen++
			said := callWords().Replace(string(m[1]))
			if strings.Contains(said, "/api/") {
				t.Errorf("%s: %q has no words here", name, said)
			}
			if args := strings.Fields(said); args[0] == "cordon" {
				typedNode(t, args[1:len(args)-1]...)
			}
		}
	}
	if seen < 10 {
		t.Errorf("only %d calls were found", seen)
	}
}
