package shell

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell/vfs"
	"mvdan.cc/sh/v3/syntax"
)

func (sh *shell) biExit(args []string) int {
	if sh.interactive && !sh.dash {
		fmt.Fprintln(sh.err(), map[bool]string{true: "logout", false: "exit"}[sh.loginShell])
	}
	status := sh.status
	if len(args) > 1 {
		n, err := strconv.Atoi(strings.TrimSpace(args[1]))
		switch {
		case err != nil && sh.dash:
			sh.errorf("%s: Illegal number: %s", args[0], args[1])
			n = 2
		case err != nil:
			sh.errorf("%s: %s: numeric argument required", args[0], args[1])
			n = 2
		case len(args) > 2 && !sh.dash:
			sh.errorf("%s: too many arguments", args[0])
			return 1
		}
		status = n
	}
	sh.leave(status)
	return sh.status
}

func (sh *shell) biReturn(args []string) int {
	if len(sh.calls) == 0 && !sh.dash {
		sh.errorf("return: can only `return' from a function or sourced script")
		return 2
	}
	status := sh.status
	if len(args) > 1 {
		n, err := strconv.Atoi(args[1])
		if err != nil {
			sh.errorf("return: %s: numeric argument required", args[1])
			n = 2
		}
		status = n
	}
	sh.jumpTo(returns)
	return status
}

func (sh *shell) biBreak(args []string) int {
	if sh.loops == 0 {
		if !sh.dash {
			sh.errorf("%s: only meaningful in a `for', `while', or `until' loop", args[0])
		}
		return 0
	}
	n := 1
	if len(args) > 1 {
		v, err := strconv.Atoi(args[1])
		switch {
		case err != nil:
			sh.errorf("%s: %s: numeric argument required", args[0], args[1])
			sh.leave(128)
			return 128
		case v < 1:
			sh.errorf("%s: %s: loop count out of range", args[0], args[1])
			n = sh.loops
			sh.jump = jump{kind: breaks, count: n}
			return 1
		}
		n = v
	}
	kind := breaks
	if args[0] == "continue" {
		kind = continues
	}
	sh.jump = jump{kind: kind, count: min(n, sh.loops)}
	return 0
}

func (sh *shell) biEval(args []string) int {
	args = args[1:]
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	sh.status = 0
	source := sh.source
	sh.source = "eval: "
	if text := joined(args); strings.TrimSpace(text) != "" {
		sh.evalString(text)
	}
	sh.source = source
	return sh.status
}

func (sh *shell) biSource(args []string) int {
	if len(args) < 2 {
		sh.errorf("%s: filename argument required", args[0])
		fmt.Fprintf(sh.err(), "%s: usage: %s filename [arguments]\n", args[0], args[0])
		return 2
	}
	name := args[1]
	if !strings.Contains(name, "/") {
		if at, err := findReadable(sh.view(), sh.get("PATH"), name); err == nil {
			name = at
		}
	}
	b, err := sh.view().ReadFirst(name, sh.m.limits.Script+1)
	if err != nil {
		if sh.dash {
			sh.errorf(".: cannot open %s: %s", args[1], dashReason(err))
			sh.leave(2)
			return 2
		}
		if errors.Is(err, vfs.EISDIR) {
			sh.errorf("%s: %s: is a directory", args[0], args[1])
		} else {
			sh.errorf("%s: %s", args[1], reason(err))
		}
		return 1
	}
	var params []string
	if len(args) > 2 {
		params = args[2:]
	}
	sh.status = 0
	sh.sourced(args[1], string(b), params)
	return sh.status
}

func findReadable(view *vfs.View, searchPath, name string) (string, error) {
	for dir := range strings.SplitSeq(searchPath, ":") {
		if i, err := view.Stat(dir + "/" + name); err == nil && i.Mode.IsRegular() {
			return dir + "/" + name, nil
		}
	}
	return "", vfs.ENOENT
}

func (sh *shell) biExec(args []string) int {
	on, rest, ok := sh.flags(args, "cl", "a")
	if !ok {
		return 2
	}
	if len(rest) == 0 {
		return 0
	}
	file, err := find(sh.view(), sh.get("PATH"), rest[0])
	if err == nil {
		err = sh.unrunnable(file)
	}
	if err != nil {
		status := 126
		text := reason(err)
		if errors.Is(err, vfs.ENOENT) {
			if status = 127; !strings.Contains(rest[0], "/") {
				text = "not found"
			}
		}
		if sh.errorf("exec: %s: %s", rest[0], text); !sh.interactive && !sh.shopts.on("execfail") {
			sh.leave(status)
		}
		return status
	}
	if name, set := on['a']; set {
		sh.external(append([]string{rest[0]}, rest[1:]...))
		_ = name
	} else {
		sh.external(rest)
	}
	sh.traps = map[string]string{}
	sh.leave(sh.status)
	return sh.status
}

func (sh *shell) biCommand(args []string) int {
	on, rest, ok := sh.flags(args, "pvV", "")
	if !ok {
		return 2
	}
	if len(rest) == 0 {
		return 0
	}
	if on['v'] != "" || on['V'] != "" {
		status := 1
		for _, name := range rest {
			if sh.tell(name, on['V'] != "", "command") {
				status = 0
			}
		}
		if sh.dash && status == 1 {
			status = 127
		}
		return status
	}
	sh.call(rest, true)
	return sh.status
}

// tell prints what a name is, as command -v or -V and type do.
func (sh *shell) tell(name string, long bool, who string) bool {
	say := func(short, text string) bool {
		if long {
			short = text
		}
		writeLine(sh.out(), short)
		return true
	}
	switch {
	case sh.aliases[name] != "" && (sh.interactive || sh.shopts.on("expand_aliases")):
		return say("alias "+name+"="+quote(sh.aliases[name]), fmt.Sprintf("%s is aliased to `%s'", name, sh.aliases[name]))
	case syntax.IsKeyword(name) || name == "time" || name == "coproc":
		return say(name, name+" is a shell keyword")
	case sh.funcs[name] != nil:
		return say(name, name+" is a function\n"+sh.functionText(name))
	case sh.builtin(name) != nil:
		return say(name, name+" is a shell builtin")
	}
	if file, ok := sh.hashed[name]; ok {
		return say(file, fmt.Sprintf("%s is hashed (%s)", name, file))
	}
	if file, err := find(sh.view(), sh.get("PATH"), name); err == nil && sh.unrunnable(file) == nil {
		return say(file, name+" is "+file)
	}
	if long {
		sh.errorf("%s: %s: not found", who, name)
	}
	return false
}

func (sh *shell) biBuiltin(args []string) int {
	if len(args) < 2 {
		return 0
	}
	b := sh.builtin(args[1])
	if b == nil {
		sh.errorf("builtin: %s: not a shell builtin", args[1])
		return 1
	}
	return b(sh, args[1:])
}

func (sh *shell) biType(args []string) int {
	on, rest, ok := sh.flags(args, "aftpP", "")
	if !ok {
		return 2
	}
	status := 0
	for _, name := range rest {
		switch {
		case on['t'] != "":
			status |= sh.typeWord(name)
		case on['p'] != "" || on['P'] != "":
			file, err := find(sh.view(), sh.get("PATH"), name)
			if sh.builtin(name) != nil && on['P'] == "" {
				continue
			}
			if err != nil {
				status = 1
				continue
			}
			writeLine(sh.out(), file)
		default:
			if !sh.tell(name, true, "type") {
				status = 1
			}
		}
	}
	return status
}

func (sh *shell) typeWord(name string) int {
	word := ""
	switch {
	case sh.aliases[name] != "" && sh.interactive:
		word = "alias"
	case syntax.IsKeyword(name):
		word = "keyword"
	case sh.funcs[name] != nil:
		word = "function"
	case sh.builtin(name) != nil:
		word = "builtin"
	default:
		if _, err := find(sh.view(), sh.get("PATH"), name); err != nil {
			return 1
		}
		word = "file"
	}
	writeLine(sh.out(), word)
	return 0
}

func (sh *shell) biHash(args []string) int {
	on, rest, ok := sh.flags(args, "rldt", "p")
	switch {
	case !ok:
		return 2
	case on['r'] != "":
		sh.hashed = nil
		return 0
	case len(rest) == 0:
		if len(sh.hashed) == 0 {
			writeLine(sh.out(), "hash: hash table empty")
			return 0
		}
		writeLine(sh.out(), "hits\tcommand")
		for _, name := range slices.Sorted(maps.Keys(sh.hashed)) {
			writeLine(sh.out(), "   1\t"+sh.hashed[name])
		}
		return 0
	}
	for _, name := range rest {
		if _, err := find(sh.view(), sh.get("PATH"), name); err != nil {
			sh.errorf("hash: %s: not found", name)
			return 1
		}
	}
	return 0
}
