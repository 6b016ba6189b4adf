package redact

import (
	"fmt"
	"runtime"
	"strings"
)

// maxFrames bounds a recorded stack.
const maxFrames = 32

// Panic describes a recovered value without quoting it, because a panic may
// quote what it was working on. The runtime's own errors (index out of range,
// nil dereference) hold nothing but numbers and types, and are given in full.
func Panic(recovered any) string {
	if err, ok := recovered.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("value of type %T (withheld)", recovered)
}

// Stack lists the functions and lines that led here, innermost first, for a
// log. Call it in the deferred function that recovers: it then begins where
// the panic was. Unlike runtime/debug.Stack it shows no argument words, which
// can be the bytes of a key.
func Stack() []string {
	var pcs [maxFrames + 8]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	var lines []string
	for {
		f, more := frames.Next()
		if f.Function == "runtime.gopanic" {
			lines = nil // what lies inside is the recovery itself
		} else if !strings.HasPrefix(f.Function, "runtime.") && len(lines) < maxFrames {
			lines = append(lines, fmt.Sprintf("%s:%d", f.Function, f.Line))
		}
		if !more {
			return lines
		}
	}
}
