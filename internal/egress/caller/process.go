package caller

import (
	"os"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// Process is what is known of a process, of which the kernel said that it is at the
// other end. It may have ended, and its number be another's.
func (f *Finder) Process(pid int, uid uint32) policy.Program {
	if pid <= 0 {
		return policy.Program{}
	}
	return f.describe(pid, policy.Program{User: f.user(uid)})
}

// Parent is the process that started another, as proc_pid_stat(5) tells; 0 when that is
// not known, or it has ended.
func (f *Finder) Parent(pid int) int {
	stat, err := os.ReadFile(f.path(pid, "stat"))
	if err != nil {
		return 0
	}
	text := string(stat)
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:]) // a name may hold anything, brackets too
	if len(fields) < 2 {
		return 0
	}
	parent, err := strconv.Atoi(fields[1])
	if err != nil || parent <= 1 { // whoever has lost his parent was given to init
		return 0
	}
	return parent
}
