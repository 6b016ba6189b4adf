package shell

import (
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

func (sh *shell) biHistory(args []string) int {
	if args[0] == "fc" && (len(args) < 2 || !strings.HasPrefix(args[1], "-")) {
		sh.errorf("fc: no command found")
		return 1
	}
	rest := args[1:]
	first := 0
	if len(rest) > 0 {
		switch rest[0] {
		case "-c":
			sh.history, sh.saved = nil, 0
			return 0
		case "-w", "-a":
			sh.saveHistory()
			return 0
		case "-r", "-n":
			return 0
		case "-d":
			return sh.deleteHistory(rest[1:])
		case "-l":
			first = max(len(sh.history)-16, 0)
		default:
			n, err := strconv.Atoi(rest[0])
			if err != nil {
				sh.errorf("history: %s: numeric argument required", rest[0])
				return 1
			}
			first = max(len(sh.history)-n, 0)
		}
	}
	stamp := sh.get("HISTTIMEFORMAT")
	var b strings.Builder
	for i := first; i < len(sh.history); i++ {
		when := ""
		if stamp != "" {
			when = Strftime(stamp, sh.m.local(sh.m.Now()))
		}
		fmt.Fprintf(&b, "%5d  %s%s\n", i+1, when, sh.history[i])
	}
	return sh.write("history", b.String())
}

func (sh *shell) deleteHistory(args []string) int {
	if len(args) == 0 {
		sh.errorf("history: -d: option requires an argument")
		return 2
	}
	n, err := strconv.Atoi(args[0])
	if n < 0 {
		n += len(sh.history) + 1
	}
	if err != nil || n < 1 || n > len(sh.history) {
		sh.errorf("history: %s: history position out of range", args[0])
		return 1
	}
	sh.history = slices.Delete(sh.history, n-1, n)
	sh.saved = min(sh.saved, len(sh.history))
	return 0
}

func (sh *shell) biHelp(args []string) int {
	if len(args) < 2 {
		var b strings.Builder
		b.WriteString("GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)\nThese shell commands are defined internally.  Type `help' to see this list.\nType `help name' to find out more about the function `name'.\nUse `info bash' to find out more about the shell in general.\nUse `man -k' or `info' to find out more about commands not in this list.\n\nA star (*) next to a name means that the command is disabled.\n\n")
		for name := range strings.FieldsSeq(builtinNames) {
			if s := synopsis(name); s != "" {
				b.WriteString(" " + s + "\n")
			}
		}
		return sh.write("help", b.String())
	}
	name := args[len(args)-1]
	if s := synopsis(name); s != "" {
		return sh.write("help", name+": "+s+"\n")
	}
	sh.errorf("help: no help topics match `%s'.  Try `help help' or `man -k %s' or `info %s'.", name, name, name)
	return 1
}

// synopsis is how a builtin is called.
func synopsis(name string) string {
	switch name {
	case "alias":
		return "alias [-p] [name[=value] ... ]"
	case "cd":
		return "cd [-L|[-P [-e]] [-@]] [dir]"
	case "command":
		return "command [-pVv] command [arg ...]"
	case "declare", "typeset":
		return name + " [-aAfFgiIlnrtux] [name[=value] ...] or " + name + " -p [-aAfFilnrtux] [name ...]"
	case "dirs":
		return "dirs [-clpv] [+N] [-N]"
	case "echo":
		return "echo [-neE] [arg ...]"
	case "enable":
		return "enable [-a] [-dnps] [-f filename] [name ...]"
	case "exec":
		return "exec [-cl] [-a name] [command [argument ...]] [redirection ...]"
	case "export":
		return "export [-fn] [name[=value] ...] or export -p"
	case "getopts":
		return "getopts optstring name [arg ...]"
	case "hash":
		return "hash [-lr] [-p pathname] [-dt] [name ...]"
	case "jobs":
		return "jobs [-lnprs] [jobspec ...] or jobs -x command [args]"
	case "local":
		return "local [option] name[=value] ..."
	case "mapfile", "readarray":
		return name + " [-d delim] [-n count] [-O origin] [-s count] [-t] [-u fd] [-C callback] [-c quantum] [array]"
	case "pwd":
		return "pwd [-LP]"
	case "read":
		return "read [-ers] [-a array] [-d delim] [-i text] [-n nchars] [-N nchars] [-p prompt] [-t timeout] [-u fd] [name ...]"
	case "readonly":
		return "readonly [-aAf] [name[=value] ...] or readonly -p"
	case "set":
		return "set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]"
	case "shopt":
		return "shopt [-pqsu] [-o] [optname ...]"
	case "type":
		return "type [-afptP] name [name ...]"
	case "ulimit":
		return "ulimit [-SHabcdefiklmnpqrstuvxPRT] [limit]"
	case "umask":
		return "umask [-p] [-S] [mode]"
	case "unalias":
		return "unalias [-a] name [name ...]"
	case "unset":
		return "unset [-f] [-v] [-n] [name ...]"
	case "wait":
		return "wait [-fn] [-p var] [id ...]"
	}
	return ""
}

func (sh *shell) biCompgen(args []string) int {
	on, rest, ok := sh.flags(args, "abcdefgjksuv", "oAGWFCXPS")
	if !ok {
		return 2
	}
	prefix := ""
	if len(rest) > 0 {
		prefix = rest[0]
	}
	var list []string
	if w, set := on['W']; set {
		list = append(list, strings.Fields(w)...)
	}
	if on['b'] != "" || on['c'] != "" || on['A'] == "builtin" {
		list = append(list, strings.Fields(builtinNames)...)
	}
	if on['c'] != "" || on['A'] == "command" {
		list = append(list, sh.programs()...)
	}
	if on['u'] != "" || on['A'] == "user" {
		for _, u := range sh.m.Users() {
			list = append(list, u.Name)
		}
	}
	if on['v'] != "" {
		list = append(list, sh.names()...)
	}
	found := false
	for _, s := range list {
		if strings.HasPrefix(s, prefix) {
			writeLine(sh.out(), s)
			found = true
		}
	}
	if on['f'] != "" || on['d'] != "" {
		for _, s := range sh.names1(escapePattern(prefix) + "*") {
			if i, err := sh.view().Stat(s); on['d'] == "" || err == nil && i.IsDir() {
				writeLine(sh.out(), s)
				found = true
			}
		}
	}
	return flag(found)
}

// programs are the names of all files on PATH that can be run.
func (sh *shell) programs() (out []string) {
	for dir := range strings.SplitSeq(sh.get("PATH"), ":") {
		list, err := sh.view().ReadDir(dirName(dir))
		if err != nil || !sh.step() {
			continue
		}
		for _, i := range list {
			if i.Mode.IsRegular() && i.Mode&0o111 != 0 || i.Mode&fs.ModeSymlink != 0 {
				out = append(out, i.Name)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
