//go:build unix

package cli

import (
	"os"
	"os/exec"
	"syscall"
)

// ownGroup has a program start a group of processes.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// passedOn are the signals that a server is given in the place of this program.
func passedOn() []os.Signal {
	return []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2}
}

// signal sends one to the server and all that it started. Who has gone gets none.
func (p *mcpServer) signal(sig os.Signal) {
	if s, ok := sig.(syscall.Signal); ok {
		_ = syscall.Kill(-p.cmd.Process.Pid, s)
	}
}

func (p *mcpServer) kill() { p.signal(syscall.SIGKILL) }

// exitOf is the exit code, or 128 and the signal that ended it, as in a shell.
func exitOf(state *os.ProcessState) int {
	if w, ok := state.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return 128 + int(w.Signal())
	}
	return state.ExitCode()
}
