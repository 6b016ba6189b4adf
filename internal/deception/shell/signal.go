package shell

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Signal is the number of a signal, as Linux on x86-64 has them.
type Signal int

// The signals that the shell itself sends or looks for.
const (
	SIGHUP  Signal = 1
	SIGINT  Signal = 2
	SIGQUIT Signal = 3
	SIGKILL Signal = 9
	SIGSEGV Signal = 11
	SIGPIPE Signal = 13
	SIGTERM Signal = 15
	SIGCHLD Signal = 17
	SIGCONT Signal = 18
	SIGSTOP Signal = 19
	SIGTSTP Signal = 20
)

var signalNames = strings.Fields("EXIT HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS")

// lastSignal is SIGRTMAX.
const lastSignal = 64

// String is the signal's name without SIG, such as HUP or RTMIN+1.
func (s Signal) String() string {
	switch {
	case s >= 0 && int(s) < len(signalNames):
		return signalNames[s]
	case s == 34:
		return "RTMIN"
	case s == 64:
		return "RTMAX"
	case s > 34 && s < 50:
		return fmt.Sprintf("RTMIN+%d", s-34)
	case s >= 50 && s < 64:
		return fmt.Sprintf("RTMAX-%d", 64-s)
	}
	return strconv.Itoa(int(s))
}

// ParseSignal reads a number or a name, with SIG or without, in any case.
func ParseSignal(s string) (Signal, bool) {
	if n, err := strconv.Atoi(s); err == nil {
		return Signal(n), n >= 0 && n <= lastSignal
	}
	s = strings.TrimPrefix(strings.ToUpper(s), "SIG")
	for n := Signal(0); n <= lastSignal; n++ {
		if n.String() == s && n != 32 && n != 33 {
			return n, true
		}
	}
	return 0, false
}

// words are what bash prints when a program was ended by a signal.
func (s Signal) words() string {
	switch s {
	case SIGHUP:
		return "Hangup"
	case SIGINT, SIGPIPE:
		return ""
	case SIGQUIT:
		return "Quit"
	case 4:
		return "Illegal instruction"
	case 6:
		return "Aborted"
	case 7:
		return "Bus error"
	case 8:
		return "Floating point exception"
	case SIGKILL:
		return "Killed"
	case 10:
		return "User defined signal 1"
	case SIGSEGV:
		return "Segmentation fault"
	case 12:
		return "User defined signal 2"
	case 14:
		return "Alarm clock"
	case SIGTERM:
		return "Terminated"
	}
	return "Unknown signal " + strconv.Itoa(int(s))
}

// ends reports whether a signal that nobody handles ends a process.
func (s Signal) ends() bool {
	switch s {
	case 0, SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP, 21, 22, 23, 28:
		return false
	}
	return true
}

// dumps reports whether a signal leaves a core, if that were allowed.
func (s Signal) dumps() bool {
	switch s {
	case SIGQUIT, 4, 5, 6, 7, 8, SIGSEGV:
		return true
	}
	return false
}

// signalled is the cause of a context that a signal ended.
type signalled Signal

// Error implements error.
func (s signalled) Error() string { return "ended by SIG" + Signal(s).String() }

// killedBy returns the signal that ended a context, 0 when none did.
func killedBy(ctx context.Context) Signal {
	var s signalled
	if errors.As(context.Cause(ctx), &s) {
		return Signal(s)
	}
	return 0
}
