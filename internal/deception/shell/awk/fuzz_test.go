package awk

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

// none has no files and no commands.
type none struct{}

func (none) Open(string) (io.ReadCloser, error) { return nil, errors.New("No such file or directory") }

func (none) Create(string, bool) (io.WriteCloser, error) { return nil, errors.New("Permission denied") }

func (none) System(string) int { return 127 }

func (none) Output(string) (io.ReadCloser, func() int) {
	return io.NopCloser(strings.NewReader("")), func() int { return 127 }
}

func (none) Input(string) (io.WriteCloser, func() int) {
	return keeping{io.Discard}, func() int { return 127 }
}

// runText runs a program for at most so many turns.
func runText(text, input string, turns int) (string, error) {
	prog, err := Parse(text)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	_, err = Run(prog, Config{
		Args: []string{"awk"}, In: strings.NewReader(input), Out: &out, Err: io.Discard, Files: none{}, Commands: none{}, Now: time.Unix(0, 0),
		Step: func() error {
			if turns--; turns < 0 {
				return errors.New("no more turns")
			}
			return nil
		},
	})
	return out.String(), err
}

// Whatever a program says, it ends, and what it holds is bounded.
func FuzzProgram(f *testing.F) {
	for _, s := range []string{`{print $1}`, `BEGIN{while(1)x=x "a"}`, `function f(n){return f(n+1)} BEGIN{f(1)}`, `/a[b]/,/c/{gsub(/x*/,"-");print|"cat"}`, `BEGIN{printf "%5.3d %c\n",1,"x"}`} {
		f.Add(s, "a b\nc d\n")
	}
	f.Fuzz(func(_ *testing.T, text, input string) { _, _ = runText(text, input, 2000) })
}

func TestBounds(t *testing.T) {
	for name, text := range map[string]string{
		"a string that doubles":   `BEGIN{x="a";while(1)x=x x}`,
		"an array without end":    `BEGIN{while(1)a[i++]=i}`,
		"calls without end":       `function f(n){return f(n+1)} BEGIN{f(1)}`,
		"a loop without end":      `BEGIN{for(;;);}`,
		"a match that takes long": `BEGIN{for(x="a";length(x)<500000;)x=x x;r=sprintf("%2000s","");gsub(/ /,"(a|b)?",r);print x ~ r "c"}`,
		"matches without number":  `BEGIN{for(x="a";length(x)<500000;)x=x x;gsub(/a/,"bb",x);print length(x)}`,
		"a program nested deeply": `BEGIN{x=` + strings.Repeat("(", 5000) + `}`,
	} {
		if _, err := runText(text, "", 1_000_000); err == nil {
			t.Errorf("%s ran to its end", name)
		}
	}
}
