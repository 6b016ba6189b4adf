package shell

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// kind is what a variable holds.
type kind uint8

const (
	scalar kind = iota
	indexed
	associative
)

// attrs are what declare sets.
type attrs struct {
	export, readonly, integer, lower, upper, nameref, trace bool
}

// variable is a shell variable.
type variable struct {
	kind  kind
	attrs attrs
	set   bool
	text  string
	list  map[int]string
	table map[string]entry
	added int // how many entries table ever had, for their order
	high  int // one more than the highest subscript of list, 0 is not known
}

// entry is a value of an associative array.
type entry struct {
	value string
	order int
}

func (v *variable) clone() *variable {
	c := *v
	c.list, c.table = maps.Clone(v.list), maps.Clone(v.table)
	return &c
}

// size is about what a variable takes of memory.
func (v *variable) size() int {
	n := 64 + len(v.text)
	for _, s := range v.list {
		n += 48 + len(s)
	}
	for k, e := range v.table {
		n += 80 + len(k) + len(e.value)
	}
	return n
}

// keys are the subscripts in bash's order.
func (v *variable) keys() []string {
	switch v.kind {
	case indexed:
		out := make([]string, 0, len(v.list))
		for _, i := range slices.Sorted(maps.Keys(v.list)) {
			out = append(out, strconv.Itoa(i))
		}
		return out
	case associative:
		return slices.SortedFunc(maps.Keys(v.table), v.before)
	}
	if v.set {
		return []string{"0"}
	}
	return nil
}

// before orders the keys of an associative array as bash's hash table has them:
// by bucket, the newest of a bucket first.
func (v *variable) before(a, b string) int {
	if n := cmp.Compare(bucket(a), bucket(b)); n != 0 {
		return n
	}
	return cmp.Compare(v.table[b].order, v.table[a].order)
}

// bucket is the place of a key in a table of 1024: FNV-1 of 32 bits.
func bucket(key string) uint32 {
	h := uint32(2166136261)
	for i := range len(key) {
		h *= 16777619
		h ^= uint32(key[i])
	}
	return h & 1023
}

// values are the elements in the order of keys.
func (v *variable) values() (out []string) {
	switch v.kind {
	case scalar:
		if v.set {
			return []string{v.text}
		}
		return nil
	case indexed:
		for _, i := range slices.Sorted(maps.Keys(v.list)) {
			out = append(out, v.list[i])
		}
		return out
	}
	for _, k := range v.keys() {
		out = append(out, v.table[k].value)
	}
	return out
}

// top is one more than the highest subscript.
func (v *variable) top() int {
	if v.high == 0 {
		for i := range v.list {
			v.high = max(v.high, i+1)
		}
	}
	return v.high
}

func (v *variable) get(key string) (string, bool) {
	switch v.kind {
	case associative:
		e, ok := v.table[key]
		return e.value, ok
	case indexed:
		i, _ := strconv.Atoi(key)
		if i < 0 {
			i += v.top()
		}
		s, ok := v.list[i]
		return s, ok
	}
	return v.text, v.set && key == "0"
}

// scalarValue is what $name gives: of an array, element 0.
func (v *variable) scalarValue() (string, bool) {
	if v.kind == scalar {
		return v.text, v.set
	}
	return v.get("0")
}

func (v *variable) put(key, value string) {
	v.set = true
	switch v.kind {
	case scalar:
		v.text = value
	case indexed:
		i, _ := strconv.Atoi(key)
		if v.list == nil {
			v.list = map[int]string{}
		}
		if len(v.list) == 0 || v.high > 0 {
			v.high = max(v.high, i+1)
		}
		v.list[i] = value
	case associative:
		if v.table == nil {
			v.table = map[string]entry{}
		}
		order := v.table[key].order
		if _, ok := v.table[key]; !ok {
			v.added++
			order = v.added
		}
		v.table[key] = entry{value, order}
	}
}

// become makes an array of a scalar.
func (v *variable) become(k kind) {
	if v.kind == k || v.kind != scalar {
		return
	}
	old, had := v.text, v.set
	v.kind, v.text = k, ""
	if had {
		v.put("0", old)
	}
}

// scope is the variables of one level: the shell's, a function's, or those set
// before one command.
type scope struct {
	vars map[string]*variable
	temp bool // set before a command
}

// lookup finds a variable, through references.
func (sh *shell) lookup(name string) *variable {
	v, _ := sh.resolve(name)
	return v
}

// resolve follows references from a name to the variable and its name, which
// may have a subscript.
func (sh *shell) resolve(name string) (*variable, string) {
	for range 8 {
		v := sh.raw(name)
		if v == nil || !v.attrs.nameref || v.text == "" {
			return v, name
		}
		name = v.text
	}
	return nil, name
}

// raw finds a variable, references not followed.
func (sh *shell) raw(name string) *variable {
	for i := len(sh.scopes) - 1; i >= 0; i-- {
		if v := sh.scopes[i].vars[name]; v != nil {
			return v
		}
	}
	return nil
}

// scopeOf is where a variable is, or where a new one goes.
func (sh *shell) scopeOf(name string) *scope {
	for i := len(sh.scopes) - 1; i > 0; i-- {
		if sh.scopes[i].vars[name] != nil {
			return sh.scopes[i]
		}
	}
	return sh.scopes[0]
}

// value is what $name gives.
func (sh *shell) value(name string) (string, bool) {
	if s, ok := sh.dynamic(name); ok {
		return s, true
	}
	v, at := sh.resolve(name)
	if base, sub, ok := subscript(at); ok && at != name {
		if v = sh.lookup(base); v == nil {
			return "", false
		}
		return v.get(sub)
	}
	if v == nil {
		return "", false
	}
	return v.scalarValue()
}

func (sh *shell) get(name string) string {
	s, _ := sh.value(name)
	return s
}

// subscript splits name[key].
func subscript(s string) (name, key string, ok bool) {
	i := strings.IndexByte(s, '[')
	if i <= 0 || !strings.HasSuffix(s, "]") {
		return s, "", false
	}
	return s[:i], s[i+1 : len(s)-1], true
}

// setVar sets a variable in the scope that has it. It prints why it can't be.
func (sh *shell) setVar(name, value string) error { return sh.setIn(nil, name, "", value, false) }

// setIn sets a variable or one element of it; in nil is the scope that has it.
func (sh *shell) setIn(in *scope, name, key, value string, add bool) error {
	if in == nil {
		_, name = sh.resolve(name)
		if base, sub, ok := subscript(name); ok {
			name, key = base, sub
		}
		in = sh.scopeOf(name)
	}
	v := in.vars[name]
	if v == nil {
		v = &variable{}
	}
	if v.attrs.readonly {
		return sh.fault("%s: readonly variable", name)
	}
	if key != "" {
		v.become(indexed)
	}
	if key == "" {
		key = "0"
	}
	old, _ := v.get(key)
	value, err := sh.shaped(v, old, value, add)
	if err != nil {
		return err
	}
	if !sh.hold(len(value) - len(old) + 16) {
		return sh.exhausted(len(value))
	}
	v.put(key, value)
	in.vars[name] = v
	sh.assigned(name, value)
	return nil
}

// shaped applies += and a variable's attributes to a new value.
func (sh *shell) shaped(v *variable, old, value string, add bool) (string, error) {
	if v.attrs.integer {
		n, err := sh.evalText(value)
		if err != nil {
			return "", err
		}
		if add {
			was, _ := sh.evalText(old)
			n += was
		}
		return strconv.FormatInt(n, 10), nil
	}
	if add {
		value = old + value
	}
	switch {
	case v.attrs.lower:
		value = strings.ToLower(value)
	case v.attrs.upper:
		value = strings.ToUpper(value)
	}
	return value, nil
}

// unset takes a variable away; it prints why it can't be.
func (sh *shell) unset(name string) error {
	in := sh.scopeOf(name)
	v := in.vars[name]
	if v == nil {
		return nil
	}
	if v.attrs.readonly {
		return sh.builtinFault("unset: %s: cannot unset: readonly variable", name)
	}
	sh.hold(-v.size())
	if in != sh.scopes[0] && !in.temp {
		in.vars[name] = &variable{} // still local, without a value
		return nil
	}
	delete(in.vars, name)
	return nil
}

// environment is what a new process gets.
func (sh *shell) environment() *Env {
	env := &Env{}
	seen := map[string]bool{}
	for i := len(sh.scopes) - 1; i >= 0; i-- {
		for _, name := range slices.Sorted(maps.Keys(sh.scopes[i].vars)) {
			v := sh.scopes[i].vars[name]
			if seen[name] {
				continue
			}
			seen[name] = true
			if s, ok := v.scalarValue(); ok && v.attrs.export && v.kind == scalar {
				env.list = append(env.list, name+"="+s)
			}
		}
	}
	return env
}

// names are those of all variables that are set, in order.
func (sh *shell) names() []string {
	all := map[string]bool{}
	for _, s := range sh.scopes {
		for name := range s.vars {
			all[name] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}
