package shell

import (
	"slices"
	"strings"
)

// Env is the environment of a process, in the order in which it was handed
// over. It is not safe for concurrent use.
type Env struct{ list []string }

// NewEnv returns an environment of "NAME=value" strings.
func NewEnv(list ...string) *Env { return &Env{list: slices.Clone(list)} }

// Clone returns a copy.
func (e *Env) Clone() *Env { return NewEnv(e.list...) }

// Get returns a variable's value, and "" when there is none.
func (e *Env) Get(name string) string {
	v, _ := e.Lookup(name)
	return v
}

// Lookup returns a variable's value and whether it is set.
func (e *Env) Lookup(name string) (string, bool) {
	if i := e.index(name); i >= 0 {
		return e.list[i][len(name)+1:], true
	}
	return "", false
}

// Set sets a variable.
func (e *Env) Set(name, value string) {
	if i := e.index(name); i >= 0 {
		e.list[i] = name + "=" + value
		return
	}
	e.list = append(e.list, name+"="+value)
}

// Unset takes a variable out.
func (e *Env) Unset(name string) {
	if i := e.index(name); i >= 0 {
		e.list = slices.Delete(e.list, i, i+1)
	}
}

// All returns the variables as "NAME=value", a copy.
func (e *Env) All() []string { return slices.Clone(e.list) }

func (e *Env) index(name string) int {
	return slices.IndexFunc(e.list, func(s string) bool {
		return len(s) > len(name) && s[len(name)] == '=' && strings.HasPrefix(s, name)
	})
}
