package shell

import (
	"strings"
)

// ignoredTraps are those that a subshell keeps: of signals that are ignored.
func ignoredTraps(traps map[string]string) map[string]string {
	out := map[string]string{}
	for name, action := range traps {
		if action == "" {
			out[name] = action
		}
	}
	return out
}

// catch takes a signal that the shell has a trap for, or that an interactive
// shell lives through.
func (sh *shell) catch(s Signal) bool {
	sh.trapMu.Lock()
	action, ok := sh.caught[s.String()]
	sh.trapMu.Unlock()
	if ok {
		if action != "" {
			select {
			case sh.pending <- s:
			default:
			}
		}
		return true
	}
	if !sh.interactive {
		return false
	}
	switch s {
	case SIGINT:
		sh.login.interruptShell()
		return true
	case SIGTERM, SIGQUIT, SIGTSTP, 21, 22:
		return true
	}
	return false
}

// setTrap notes what to do at a signal; nil is the default.
func (sh *shell) setTrap(name string, action *string) {
	sh.trapMu.Lock()
	defer sh.trapMu.Unlock()
	if sh.caught == nil {
		sh.caught = map[string]string{}
		for k, v := range sh.traps {
			sh.caught[k] = v
		}
	}
	if action == nil {
		delete(sh.traps, name)
		delete(sh.caught, name)
		return
	}
	sh.traps[name], sh.caught[name] = *action, *action
	sh.proc.catches(sh.catch)
}

// runPending runs the traps of signals that came.
func (sh *shell) runPending() {
	for sh.pending != nil && !sh.trapping {
		select {
		case s := <-sh.pending:
			sh.trap(s.String())
		default:
			return
		}
	}
}

// trap runs the action for a signal or one of DEBUG, ERR, RETURN.
func (sh *shell) trap(name string) {
	action := sh.traps[name]
	if action == "" || sh.trapping {
		return
	}
	sh.trapping = true
	status, line, jumped := sh.status, sh.line, sh.jump
	sh.jump = jump{}
	sh.evalString(action)
	sh.trapping = false
	sh.line = line
	if sh.jump.kind == none {
		sh.status, sh.jump = status, jumped
	}
}

// exitTrap runs the action for the end of the shell.
func (sh *shell) exitTrap() {
	action := sh.traps["EXIT"]
	if strings.TrimSpace(action) == "" || sh.ctx.Err() != nil {
		return
	}
	delete(sh.traps, "EXIT")
	status := sh.status
	sh.jump = jump{}
	sh.trapping = false
	sh.evalString(action)
	if sh.jump.kind != exits {
		sh.status = status
	}
}
