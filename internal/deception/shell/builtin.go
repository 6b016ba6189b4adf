package shell

import (
	"fmt"
	"strconv"
	"strings"
)

// builtin is a command of the shell itself.
type builtin func(sh *shell, args []string) int

// builtin finds a builtin that is not disabled.
func (sh *shell) builtin(name string) builtin {
	if sh.disabled[name] {
		return nil
	}
	if sh.dash {
		switch name {
		case "[[", "declare", "typeset", "shopt", "source", "let", "mapfile", "readarray", "enable", "builtin", "caller", "complete", "compgen", "compopt", "dirs", "pushd", "popd", "disown", "help", "history", "logout", "suspend":
			return nil
		}
	}
	if b := controlBuiltin(name); b != nil {
		return b
	}
	if b := variableBuiltin(name); b != nil {
		return b
	}
	return outputBuiltin(name)
}

func controlBuiltin(name string) builtin {
	switch name {
	case ":", "true":
		return func(*shell, []string) int { return 0 }
	case "false":
		return func(*shell, []string) int { return 1 }
	case "exit", "logout":
		return (*shell).biExit
	case "return":
		return (*shell).biReturn
	case "break", "continue":
		return (*shell).biBreak
	case "eval":
		return (*shell).biEval
	case ".", "source":
		return (*shell).biSource
	case "exec":
		return (*shell).biExec
	case "command":
		return (*shell).biCommand
	case "builtin":
		return (*shell).biBuiltin
	case "type":
		return (*shell).biType
	case "hash":
		return (*shell).biHash
	case "trap":
		return (*shell).biTrap
	case "wait":
		return (*shell).biWait
	case "jobs":
		return (*shell).biJobs
	case "fg", "bg":
		return (*shell).biFg
	case "kill":
		return (*shell).biKill
	case "disown":
		return (*shell).biDisown
	case "enable":
		return (*shell).biEnable
	case "caller":
		return (*shell).biCaller
	case "times":
		return (*shell).biTimes
	case "suspend":
		return (*shell).biSuspend
	}
	return nil
}

func variableBuiltin(name string) builtin {
	switch name {
	case "declare", "typeset", "local", "export", "readonly":
		return (*shell).biDeclare
	case "set":
		return (*shell).biSet
	case "shopt":
		return (*shell).biShopt
	case "unset":
		return (*shell).biUnset
	case "shift":
		return (*shell).biShift
	case "read":
		return (*shell).biRead
	case "mapfile", "readarray":
		return (*shell).biMapfile
	case "getopts":
		return (*shell).biGetopts
	case "let":
		return (*shell).biLet
	case "alias":
		return (*shell).biAlias
	case "unalias":
		return (*shell).biUnalias
	case "umask":
		return (*shell).biUmask
	case "ulimit":
		return (*shell).biUlimit
	case "cd", "chdir":
		return (*shell).biCd
	case "pushd", "popd":
		return (*shell).biPushd
	}
	return nil
}

func outputBuiltin(name string) builtin {
	switch name {
	case "echo":
		return (*shell).biEcho
	case "printf":
		return (*shell).biPrintf
	case "test", "[":
		return (*shell).biTest
	case "pwd":
		return (*shell).biPwd
	case "dirs":
		return (*shell).biDirs
	case "history", "fc":
		return (*shell).biHistory
	case "help":
		return (*shell).biHelp
	case "compgen":
		return (*shell).biCompgen
	case "complete", "compopt", "bind":
		return func(*shell, []string) int { return 0 }
	}
	return nil
}

// builtinNames are all of bash's, as enable lists them.
const builtinNames = ". : [ alias bg bind break builtin caller cd command compgen complete compopt continue declare dirs disown echo enable eval exec exit export false fc fg getopts hash help history jobs kill let local logout mapfile popd printf pushd pwd read readarray readonly return set shift shopt source suspend test times trap true type typeset ulimit umask unalias unset wait"

// usage prints how a builtin is used, after what was wrong; its status is 2.
func (sh *shell) usage(name, wrong string) int {
	if wrong != "" {
		sh.errorf("%s: %s", name, wrong)
	}
	if line := synopsis(name); line != "" && !sh.dash {
		fmt.Fprintf(sh.err(), "%s: usage: %s\n", name, line)
	}
	return 2
}

// flags reads the options of a builtin; those in with take an argument. ok is
// false when one was wrong, which was then reported.
func (sh *shell) flags(args []string, known, with string) (on map[byte]string, rest []string, ok bool) {
	on = map[byte]string{}
	name, list := args[0], args[1:]
	for len(list) > 0 && len(list[0]) > 1 && list[0][0] == '-' {
		word := list[0]
		list = list[1:]
		if word == "--" {
			break
		}
		for i := 1; i < len(word); i++ {
			c := word[i]
			if strings.IndexByte(with, c) >= 0 {
				value := word[i+1:]
				if value == "" {
					if len(list) == 0 {
						sh.usage(name, fmt.Sprintf("-%c: option requires an argument", c))
						return nil, nil, false
					}
					value, list = list[0], list[1:]
				}
				on[c] = value
				break
			}
			if strings.IndexByte(known, c) < 0 {
				if sh.dash {
					sh.errorf("%s: Illegal option -%c", name, c)
					sh.leave(2)
				} else {
					sh.usage(name, fmt.Sprintf("-%c: invalid option", c))
				}
				return nil, nil, false
			}
			on[c] = "1"
		}
	}
	return on, list, true
}

func itoa(n int) string { return strconv.Itoa(n) }

func atoi(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
