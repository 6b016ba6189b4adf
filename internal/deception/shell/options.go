package shell

import (
	"maps"
	"slices"
	"strings"
)

// options are what set -o sets.
type options struct {
	allexport, errexit, errtrace, functrace, noclobber, noexec, noglob, nounset, pipefail, posix, verbose, xtrace, monitor bool

	others    map[string]bool // those that change nothing here
	quietLine bool            // a copy of an interactive shell: its errors name no line
}

// option is one of set -o, with its letter.
type option struct {
	name   string
	letter byte
}

func allOptions() []option {
	return []option{
		{"allexport", 'a'}, {"braceexpand", 'B'}, {"emacs", 0}, {"errexit", 'e'}, {"errtrace", 'E'}, {"functrace", 'T'},
		{"hashall", 'h'}, {"histexpand", 'H'}, {"history", 0}, {"ignoreeof", 0}, {"interactive-comments", 0},
		{"keyword", 'k'}, {"monitor", 'm'}, {"noclobber", 'C'}, {"noexec", 'n'}, {"noglob", 'f'}, {"nolog", 0},
		{"notify", 'b'}, {"nounset", 'u'}, {"onecmd", 't'}, {"physical", 'P'}, {"pipefail", 0}, {"posix", 0},
		{"privileged", 'p'}, {"verbose", 'v'}, {"vi", 0}, {"xtrace", 'x'},
	}
}

func (o *options) field(name string) *bool {
	switch name {
	case "allexport":
		return &o.allexport
	case "errexit":
		return &o.errexit
	case "errtrace":
		return &o.errtrace
	case "functrace":
		return &o.functrace
	case "noclobber":
		return &o.noclobber
	case "noexec":
		return &o.noexec
	case "noglob":
		return &o.noglob
	case "nounset":
		return &o.nounset
	case "pipefail":
		return &o.pipefail
	case "posix":
		return &o.posix
	case "verbose":
		return &o.verbose
	case "xtrace":
		return &o.xtrace
	case "monitor":
		return &o.monitor
	}
	return nil
}

func (o *options) get(name string) bool {
	if f := o.field(name); f != nil {
		return *f
	}
	return o.others[name]
}

// set sets an option by name and reports whether there is one.
func (o *options) set(name string, on bool) bool {
	if !slices.ContainsFunc(allOptions(), func(p option) bool { return p.name == name }) {
		return false
	}
	if f := o.field(name); f != nil {
		*f = on
		return true
	}
	o.others = maps.Clone(o.others)
	if o.others == nil {
		o.others = map[string]bool{}
	}
	o.others[name] = on
	return true
}

func (o *options) letter(c byte) (string, bool) {
	for _, p := range allOptions() {
		if p.letter == c {
			return p.name, true
		}
	}
	return "", false
}

func (o *options) shellopts() string {
	var on []string
	for _, p := range allOptions() {
		if o.get(p.name) {
			on = append(on, p.name)
		}
	}
	return strings.Join(on, ":")
}

// letters is $-.
func (o *options) letters(sh *shell) string {
	var b strings.Builder
	for _, c := range []byte("abefhkmnptuvxBCEHPT") {
		if name, ok := o.letter(c); ok && o.get(name) {
			b.WriteByte(c)
		}
		if c == 'h' && sh.interactive {
			b.WriteByte('i')
		}
	}
	if sh.flagC {
		b.WriteByte('c')
	} else if sh.script == "" {
		b.WriteByte('s')
	}
	return b.String()
}

// shopts are what shopt sets: those that are not as bash begins with.
type shopts map[string]bool

func (s shopts) clone() shopts { return maps.Clone(s) }

// shoptDefaults are bash 5.2's, of a shell that is not interactive.
func shoptDefaults() map[string]bool {
	all := map[string]bool{}
	for name := range strings.FieldsSeq("autocd assoc_expand_once cdable_vars cdspell checkhash checkjobs compat31 compat32 compat40 compat41 compat42 compat43 compat44 direxpand dirspell dotglob execfail expand_aliases extdebug extglob failglob gnu_errfmt globstar histappend histreedit histverify huponexit inherit_errexit lastpipe lithist localvar_inherit localvar_unset login_shell mailwarn no_empty_cmd_completion nocaseglob nocasematch noexpand_translation nullglob progcomp_alias restricted_shell shift_verbose varredir_close xpg_echo") {
		all[name] = false
	}
	for name := range strings.FieldsSeq("checkwinsize cmdhist complete_fullquote extquote force_fignore globasciiranges globskipdots hostcomplete interactive_comments patsub_replacement progcomp promptvars sourcepath") {
		all[name] = true
	}
	return all
}

func (s shopts) on(name string) bool {
	if v, ok := s[name]; ok {
		return v
	}
	switch name { // those that the shell itself asks for
	case "patsub_replacement", "promptvars", "sourcepath":
		return true
	}
	return false
}

func (s shopts) list() string {
	var on []string
	for name, v := range shoptDefaults() {
		if set, ok := s[name]; ok {
			v = set
		}
		if v {
			on = append(on, name)
		}
	}
	slices.Sort(on)
	return strings.Join(on, ":")
}
