package redact

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func recovered(f func()) (what string, stack []string) {
	defer func() {
		what, stack = Panic(recover()), Stack()
	}()
	f()
	return "", nil
}

type custom struct{ Token string }

func TestPanicWithholdsWhatPeoplePutIn(t *testing.T) {
	const secret = "hunter2"
	for _, v := range []any{secret, errors.New(secret), custom{secret}, &custom{secret}, []byte(secret), fmt.Errorf("x: %w", errors.New(secret))} {
		what, _ := recovered(func() { panic(v) })
		if strings.Contains(what, secret) || !strings.Contains(what, fmt.Sprintf("%T", v)) {
			t.Errorf("panic with %T is described as %q", v, what)
		}
	}
}

func TestPanicQuotesTheRuntime(t *testing.T) {
	var none []int
	cases := map[string]func(){
		"index out of range [3]": func() { none[len(none)+3] = 1 },
		"nil pointer":            func() { var c *custom; c.Token = "x" },
		"nil map":                func() { var m map[string]int; m["hunter2"] = 1 },
	}
	for want, f := range cases {
		if what, _ := recovered(f); !strings.Contains(what, want) {
			t.Errorf("panic is described as %q, want %q", what, want)
		}
	}
}

//go:noinline
func deep(key [16]byte, n int) {
	if n == 0 {
		panic(fmt.Sprint(key))
	}
	deep(key, n-1)
}

func TestStackBeginsAtThePanicAndShowsNoArguments(t *testing.T) {
	_, stack := recovered(func() { deep([16]byte([]byte("0123456789abcdef")), 3) })
	if len(stack) < 5 || !strings.Contains(stack[0], "redact.deep:") {
		t.Fatalf("stack %q does not begin in deep", stack)
	}
	if text := strings.Join(stack, "\n"); strings.Contains(text, "0x") {
		t.Errorf("stack shows argument words: %s", text)
	}
	_, stack = recovered(func() { deep([16]byte{}, 1000) })
	if len(stack) > maxFrames {
		t.Errorf("stack of %d frames, bound is %d", len(stack), maxFrames)
	}
}
