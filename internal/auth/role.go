// Package auth decides who may do what: users with passwords, programs with
// API keys, and the local administrator behind the control socket; four roles,
// each of which includes the ones below it.
//
// Level 1: it may import L0 and audit.
package auth

import "fmt"

// Role is what a principal may do.
type Role string

// The roles, least first. A viewer reads; a reviewer judges quarantine entries;
// a responder changes what sensors do; an admin manages users and keys.
const (
	Viewer    Role = "viewer"
	Reviewer  Role = "reviewer"
	Responder Role = "responder"
	Admin     Role = "admin"
)

// Roles lists all, least first.
func Roles() []Role { return []Role{Viewer, Reviewer, Responder, Admin} }

// ParseRole reads a role's name.
func ParseRole(s string) (Role, error) {
	r := Role(s)
	if r.rank() < 0 {
		return "", fmt.Errorf("role %q is not one of viewer, reviewer, responder, admin", s)
	}
	return r, nil
}

// Includes reports whether r may do what other may. An unknown role includes
// nothing and is included by nothing.
func (r Role) Includes(other Role) bool {
	return other.rank() >= 0 && r.rank() >= other.rank()
}

func (r Role) rank() int {
	for i, known := range Roles() {
		if r == known {
			return i
		}
	}
	return -1
}
