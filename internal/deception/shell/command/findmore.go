package command

import (
	"fmt"
	"math"
	"path"
	"strconv"
	"strings"
	"time"
)

func (f *finder) glob(name, pattern string) judge {
	fold := strings.HasPrefix(name, "-i")
	if fold {
		pattern = strings.ToLower(pattern)
	}
	return func(x *found) bool {
		text := x.base
		switch name {
		case "-path", "-ipath", "-wholename":
			text = x.name
		case "-lname":
			text = x.info.Target
		}
		if fold {
			text = strings.ToLower(text)
		}
		return globMatch(pattern, text)
	}
}

// globMatch matches * ? [set] and \c against a whole text, in which / is a
// character as any other.
func globMatch(pattern, text string) bool {
	const slash = "\x01" // stands for / so that path.Match does not stop at it
	ok, err := path.Match(strings.ReplaceAll(strings.ReplaceAll(pattern, "[!", "[^"), "/", slash), strings.ReplaceAll(text, "/", slash))
	return ok && err == nil
}

func (f *finder) kind(arg string) judge {
	for _, k := range strings.Split(arg, ",") {
		if !strings.Contains("f d l b c p s", k) || k == "" {
			return f.fail("Unknown argument to -type: %s", k)
		}
	}
	return func(x *found) bool {
		k := modeString(x.info.Mode)[:1]
		if k == "-" {
			k = "f"
		}
		return strings.Contains(","+arg+",", ","+k+",")
	}
}

// compared reads +n, -n or n.
func compared(arg string) (sign byte, n float64, ok bool) {
	if arg != "" && (arg[0] == '+' || arg[0] == '-') {
		sign, arg = arg[0], arg[1:]
	}
	n, err := strconv.ParseFloat(arg, 64)
	return sign, n, err == nil
}

func is(sign byte, v, n float64) bool {
	switch sign {
	case '+':
		return v > n
	case '-':
		return v < n
	}
	return v == n
}

func (f *finder) size(arg string) judge {
	unit, text := 512.0, arg
	if u, ok := map[byte]float64{'c': 1, 'w': 2, 'b': 512, 'k': 1 << 10, 'M': 1 << 20, 'G': 1 << 30}[arg[max(len(arg)-1, 0)]]; ok && arg != "" {
		unit, text = u, arg[:len(arg)-1]
	}
	sign, n, ok := compared(text)
	if !ok {
		return f.fail("invalid argument `%s' to `-size'", arg)
	}
	return func(x *found) bool { return is(sign, math.Ceil(float64(x.info.Size)/unit), n) }
}

func (f *finder) perm(arg string) judge {
	how, text := byte(0), arg
	if arg != "" && (arg[0] == '-' || arg[0] == '/') {
		how, text = arg[0], arg[1:]
	}
	mode, ok := newMode(text, 0, 0)
	if !ok || text == "" {
		return f.fail("invalid mode `%s'", arg)
	}
	want := fromMode(mode)
	return func(x *found) bool {
		have := fromMode(x.info.Mode)
		switch how {
		case '-':
			return have&want == want
		case '/':
			return have&want != 0 || want == 0
		}
		return have == want
	}
}

func (f *finder) owner(name, arg string) judge {
	id, err := strconv.Atoi(arg)
	switch name {
	case "-user":
		if u, ok := f.p.Machine.User(arg); ok {
			id, err = u.UID, nil
		}
	case "-group":
		if g, ok := groupNamed(f.p.Machine, arg); ok {
			id, err = g.gid, nil
		}
	}
	if err != nil {
		what := strings.TrimPrefix(name, "-")
		return f.fail("‘%s’ is not the name of a known %s", arg, what)
	}
	return func(x *found) bool {
		if name == "-user" || name == "-uid" {
			return x.info.UID == id
		}
		return x.info.GID == id
	}
}

func (f *finder) depth(name, arg string) judge {
	n, err := strconv.Atoi(arg)
	if err != nil || n < 0 {
		return f.fail("Expected a positive decimal integer argument to %s, but got %s", name, quote(f.p, arg))
	}
	if name == "-maxdepth" {
		f.most = n
	} else {
		f.least = n
	}
	return yesTo
}

func (f *finder) newer(name, arg string) judge {
	if name == "-newermt" {
		t, ok := parseDate(arg, f.p.Now().In(zone(f.p)))
		if !ok {
			return f.fail("I cannot figure out how to interpret %s as a date or time", quote(f.p, arg))
		}
		return func(x *found) bool { return x.info.Mtime.After(t) }
	}
	i, err := f.p.Files.Stat(arg)
	if err != nil {
		return f.fail("%s: %s", quote(f.p, arg), reason(err))
	}
	return func(x *found) bool {
		switch name {
		case "-samefile":
			return x.info.Ino == i.Ino
		case "-anewer":
			return x.info.Atime.After(i.Mtime)
		case "-cnewer":
			return x.info.Ctime.After(i.Mtime)
		}
		return x.info.Mtime.After(i.Mtime)
	}
}

// number reads the primaries that compare one: ages, links, inodes.
func (f *finder) number(name, arg string) judge {
	sign, n, ok := compared(arg)
	if !ok {
		return f.fail("invalid argument `%s' to `%s'", arg, name)
	}
	unit := 24 * time.Hour
	if strings.HasSuffix(name, "min") {
		unit = time.Minute
	}
	now := f.p.Now()
	return func(x *found) bool {
		t := x.info.Mtime
		switch name {
		case "-links":
			return is(sign, float64(x.info.Nlink), n)
		case "-inum":
			return is(sign, float64(x.info.Ino), n)
		case "-atime", "-amin":
			t = x.info.Atime
		case "-ctime", "-cmin":
			t = x.info.Ctime
		}
		age := float64(now.Sub(t)) / float64(unit)
		if unit == time.Minute && sign != 0 {
			return is(sign, age, n)
		}
		return is(sign, math.Floor(age), n)
	}
}

func (f *finder) empty(x *found) bool {
	if x.info.IsDir() {
		list, err := f.p.Files.ReadDir(x.name)
		return err == nil && len(list) == 0
	}
	return x.info.Mode.IsRegular() && x.info.Size == 0
}

func (f *finder) delete(x *found) bool {
	remove := f.p.Files.Remove
	if x.info.IsDir() {
		remove = f.p.Files.Rmdir
	}
	if x.name == "." {
		return true
	}
	if err := remove(x.name); err != nil {
		f.p.Errorf("cannot delete %s: %s", quote(f.p, x.name), reason(err))
		f.status = 1
		return false
	}
	return true
}

func (f *finder) ls(x *found) bool {
	tail := x.name
	if x.info.Target != "" {
		tail += " -> " + x.info.Target
	}
	l := &lister{p: f.p, a: &arguments{}}
	fmt.Fprintf(f.p.Out, "%9d %6d %s %3d %-8s %-8s %8d %s %s\n", x.info.Ino, blocks(x.info), modeString(x.info.Mode), x.info.Nlink, f.names.user(x.info.UID), f.names.group(x.info.GID), x.info.Size, l.stamp(x.info.Mtime), tail)
	return true
}

// exec reads a command up to ; or {} +.
func (f *finder) exec(name string) judge {
	var command []string
	for {
		arg, ok := f.operand(name)
		if !ok {
			return yesTo
		}
		if arg == ";" {
			break
		}
		if arg == "+" && len(command) > 0 && command[len(command)-1] == "{}" {
			b := &batch{command: command[:len(command)-1]}
			f.batches = append(f.batches, b)
			return func(x *found) bool {
				if b.files = append(b.files, x.name); len(b.files) >= 1000 {
					f.flush(b)
				}
				return true
			}
		}
		command = append(command, arg)
	}
	if len(command) == 0 {
		return f.fail("invalid argument `;' to `%s'", name)
	}
	return func(x *found) bool {
		args := make([]string, len(command))
		for i, c := range command {
			filled, ok := fill(c, "{}", x.name)
			if !ok {
				f.p.Errorf("%s: Argument list too long", quote(f.p, command[0]))
				f.status = 1
				return false
			}
			args[i] = filled
		}
		if name == "-ok" && !agreed(f.ctx, f.p, "< %s ... %s > ? ", command[0], x.name) {
			return false
		}
		return f.run(args) == 0
	}
}

func (f *finder) run(args []string) int {
	status, err := f.p.Run(f.ctx, args...)
	if err != nil {
		f.p.Errorf("%s: %s", quote(f.p, args[0]), reason(err))
		return 127
	}
	return status
}

func (f *finder) flush(b *batch) {
	if len(b.files) > 0 && f.run(append(append([]string{}, b.command...), b.files...)) != 0 {
		f.status = 1
	}
	b.files = nil
}
