package caller

import "go.cordon.dev/cordon/guard/egress/policy"

// Process is what is known of a process, of which the kernel said that it is at the
// other end. It may have ended, and its number be another's.
func (f *Finder) Process(pid int, uid uint32) policy.Program {
	if pid <= 0 {
		return policy.Program{}
	}
	return f.describe(pid, policy.Program{User: f.user(uid)})
}
