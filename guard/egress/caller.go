package egress

import (
	"context"
	"fmt"
	"runtime"
	"strings"
)

// Caller is the line of the program that asked. It is zero when the stack does not
// show it, as in a goroutine of a library.
type Caller struct {
	File     string
	Line     int
	Function string
}

// String is file:line.
func (c Caller) String() string {
	if c.File == "" {
		return "unknown"
	}
	return fmt.Sprintf("%s:%d", c.File, c.Line)
}

// callerOf finds the innermost function on the stack that belongs neither to this
// package nor to the libraries that call it on somebody's behalf.
func callerOf() Caller {
	var pcs [48]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		frame, more := frames.Next()
		if frame.Function != "" && !onBehalf(frame.Function) {
			return Caller{File: frame.File, Line: frame.Line, Function: frame.Function}
		}
		if !more {
			return Caller{}
		}
	}
}

// onBehalf reports whether a function is plumbing between the program and us.
func onBehalf(function string) bool {
	for _, p := range []string{"go.cordon.dev/cordon/guard/egress.", "net/http.", "net.", "crypto/tls.", "database/sql.", "runtime."} {
		if strings.HasPrefix(function, p) {
			return true
		}
	}
	return false
}

// callerKey carries the caller of a request to the dial that it causes, which may
// run in a goroutine of net/http.
type callerKey struct{}

func withCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

func callerIn(ctx context.Context) Caller {
	if c, ok := ctx.Value(callerKey{}).(Caller); ok {
		return c
	}
	return callerOf()
}
