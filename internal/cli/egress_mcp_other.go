//go:build !unix

package cli

import (
	"os"
	"os/exec"
)

// ownGroup does nothing: there are no groups of processes.
func ownGroup(*exec.Cmd) {}

// passedOn are the signals that a server is given in the place of this program.
func passedOn() []os.Signal { return []os.Signal{os.Interrupt} }

// signal ends the server: no other signal can be sent here.
func (p *mcpServer) signal(os.Signal) { p.kill() }

func (p *mcpServer) kill() { _ = p.cmd.Process.Kill() } // who has gone is not killed

func exitOf(state *os.ProcessState) int { return state.ExitCode() }
