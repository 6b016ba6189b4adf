package redis

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// defaults has a line for each setting of 7.0.15: its name, what values it
// takes, and its value with Debian's configuration file. An instance shows
// them in this order.
//
//go:embed settings.txt
var defaults string

// option is one line of them.
type option struct {
	name, takes, value string
}

// catalogue is all settings as they are at first. Instances share it.
type catalogue struct {
	list []option
	at   map[string]int
}

func newCatalogue(c Config, f face) *catalogue {
	all := &catalogue{at: map[string]int{}}
	for line := range strings.Lines(defaults) {
		parts := strings.SplitN(strings.TrimSuffix(line, "\n"), " ", 3)
		all.at[parts[0]] = len(all.list)
		all.list = append(all.list, option{parts[0], parts[1], parts[2]})
	}
	all.put("enable-protected-configs", c.ProtectedConfigs)
	all.put("enable-debug-command", c.Debug)
	all.put("enable-module-command", c.Module)
	all.put("requirepass", c.Password)
	all.put("dir", f.dir)
	if c.Protected {
		all.put("protected-mode", "yes")
	}
	return all
}

func (c *catalogue) put(name, value string) {
	if i, ok := c.at[name]; ok {
		c.list[i].value = value
	}
}

// settings are the configuration of an instance: what it changed of the catalogue.
type settings struct {
	*catalogue
	changed map[int]string // by place in the list
}

func newSettings(all *catalogue) *settings { return &settings{all, map[int]string{}} }

// each calls fn for each setting, in the order of the catalogue.
func (s *settings) each(fn func(option)) {
	for i, o := range s.list {
		if value, ok := s.changed[i]; ok {
			o.value = value
		}
		fn(o)
	}
}

func (s *settings) get(name string) string {
	i, ok := s.at[name]
	if !ok {
		return ""
	}
	if value, ok := s.changed[i]; ok {
		return value
	}
	return s.list[i].value
}

func (s *settings) put(name, value string) {
	if i, ok := s.at[name]; ok {
		s.changed[i] = value
	}
}

// twin is the other name of a setting that has two.
func twin(name string) string {
	switch {
	case strings.Contains(name, "ziplist"):
		return strings.Replace(name, "ziplist", "listpack", 1)
	case strings.Contains(name, "listpack"):
		return strings.Replace(name, "listpack", "ziplist", 1)
	case strings.Contains(name, "slave"):
		return strings.Replace(name, "slave", "replica", 1)
	case strings.Contains(name, "replica"):
		return strings.Replace(name, "replica", "slave", 1)
	}
	return name
}

func configCommands() map[string]handler {
	return map[string]handler{"config|get": configGet, "config|set": configSet, "config|resetstat": configResetStat, "config|rewrite": configRewrite}
}

func configGet(k *call) {
	var found []option
	k.in.settings.each(func(o option) {
		if slices.ContainsFunc(k.args[2:], func(p string) bool { return k.matches(p, o.name, true) }) {
			found = append(found, o)
		}
	})
	k.r.pairs(len(found))
	for _, o := range found {
		k.r.bulk(o.name)
		k.r.bulk(o.value)
	}
}

func configResetStat(k *call) {
	k.in.stats = stats{calls: map[string]*calls{}, kinds: map[string]int64{}}
	k.in.reset = true
	k.r.ok()
}

// configRewrite says that the file was written. It was not.
func configRewrite(k *call) { k.r.ok() }

// configSet sets all or nothing.
func configSet(k *call) {
	if len(k.args)%2 == 1 {
		k.arity()
		return
	}
	next := map[string]string{}
	for i := 2; i < len(k.args); i += 2 {
		name := strings.ToLower(k.args[i])
		at, ok := k.in.settings.at[name]
		if !ok {
			k.r.fail("ERR Unknown option or number of arguments for CONFIG SET - '" + k.args[i] + "'")
			return
		}
		if _, twice := next[name]; twice {
			k.failSetting(k.args[i], "duplicate parameter")
			return
		}
		value, problem := k.in.judge(k, k.in.settings.list[at], k.args[i+1])
		if problem != "" {
			k.failSetting(k.args[i], problem)
			return
		}
		next[name] = value
	}
	if !k.grow(weight(k.args)) {
		return
	}
	for name, value := range next {
		k.in.settings.put(name, value)
		k.in.settings.put(twin(name), value)
		k.in.set(name, value)
	}
	k.r.ok()
}

func (k *call) failSetting(name, problem string) {
	k.r.fail(fmt.Sprintf("ERR CONFIG SET failed (possibly related to argument '%s') - %s", name, problem))
}

// set does what a setting does at once.
func (in *instance) set(name, value string) {
	if name != "requirepass" {
		return
	}
	u := in.users["default"]
	u.nopass, u.passwords = value == "", nil
	if value != "" {
		u.passwords = []string{hashed(value)}
	}
}

// judge returns a value as CONFIG GET will show it, or what is wrong with it.
func (in *instance) judge(k *call, o option, value string) (string, string) {
	takes, rest, _ := strings.Cut(o.takes, "(")
	rest = strings.TrimSuffix(rest, ")")
	switch {
	case o.name == "dir" || o.name == "dbfilename":
		return value, in.judgeFile(k, o.name, value)
	case takes == "immutable":
		return "", "can't set immutable config"
	case takes == "bool":
		value = strings.ToLower(value)
		if value != "yes" && value != "no" {
			return "", "argument must be 'yes' or 'no'"
		}
	case takes == "enum":
		if !slices.Contains(strings.Split(rest, "|"), strings.ToLower(value)) {
			return "", "argument(s) must be one of the following: " + strings.ReplaceAll(rest, "|", ", ")
		}
		value = strings.ToLower(value)
	case takes == "int":
		return judgeInt(value, rest)
	case takes == "memory":
		n, ok := memory(value)
		if !ok {
			return "", "argument must be a memory value"
		}
		return itoa(n), ""
	case o.name == "save":
		return judgeSave(value)
	}
	return value, ""
}

func judgeInt(value, limits string) (string, string) {
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return "", "argument couldn't be parsed into an integer"
	}
	low, high, _ := strings.Cut(limits, ",")
	a, err1 := strconv.ParseInt(low, 10, 64)
	b, err2 := strconv.ParseInt(high, 10, 64)
	if err1 == nil && err2 == nil && (n < a || n > b) {
		return "", fmt.Sprintf("argument must be between %d and %d inclusive", a, b)
	}
	return itoa(n), ""
}

// memory reads a size: 100, 1k (thousand), 1kb (1024), and so on.
func memory(s string) (int64, bool) {
	units := []struct {
		name string
		size int64
	}{{"kb", 1 << 10}, {"mb", 1 << 20}, {"gb", 1 << 30}, {"k", 1e3}, {"m", 1e6}, {"g", 1e9}, {"b", 1}, {"", 1}}
	for _, u := range units {
		if digits, ok := strings.CutSuffix(strings.ToLower(s), u.name); ok {
			n, err := strconv.ParseInt(digits, 10, 64)
			return n * u.size, err == nil && n >= 0 && n < 1<<62/u.size
		}
	}
	return 0, false
}

func judgeSave(value string) (string, string) {
	words := strings.Fields(value)
	for i, w := range words {
		n, err := strconv.Atoi(w)
		if err != nil || n < 0 || n < 1 && i%2 == 0 {
			return "", "Invalid save parameters"
		}
	}
	if len(words)%2 == 1 {
		return "", "Invalid save parameters"
	}
	return strings.Join(words, " "), ""
}

// judgeFile decides about where the database is to be written: the step by
// which attackers get out of a Redis that runs as root.
func (in *instance) judgeFile(k *call, name, value string) string {
	if !in.allows(k.c, "enable-protected-configs") {
		return "can't set protected config"
	}
	if name == "dbfilename" {
		if strings.Contains(value, "/") {
			return "dbfilename can't be a path, just a filename"
		}
		return ""
	}
	return in.srv.face.enter(value)
}

// allows reports whether a setting that is yes, no or local lets a client do
// something.
func (in *instance) allows(c *client, name string) bool {
	switch in.settings.get(name) {
	case "yes":
		return true
	case "local":
		return c.session.Client().Addr().IsLoopback()
	}
	return false
}
