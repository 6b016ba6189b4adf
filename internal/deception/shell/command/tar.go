package command

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

const tarTry = "Try 'tar --help' or 'tar --usage' for more information."

const tarVersion = `(GNU tar) 1.34
Copyright (C) 2021 Free Software Foundation, Inc.
License GPLv3+: GNU GPL version 3 or later <https://gnu.org/licenses/gpl.html>.
This is free software: you are free to change and redistribute it.
There is NO WARRANTY, to the extent permitted by law.

Written by John Gilmore and Jay Fenlason.`

// tarOptions are the options that are acted on, and those that change nothing
// here; the other modes of tar (-d, -u, -A, --delete) are not known.
const tarOptions = "c,create t,list x,extract,get r,append f,file: z,gzip,gunzip,ungzip j,bzip2 J,xz Z,compress a,auto-compress " +
	"v,verbose C,directory: p,preserve-permissions,same-permissions k,keep-old-files O,to-stdout m,touch h,dereference T,files-from: " +
	"P,absolute-names strip-components: exclude: wildcards no-same-owner same-owner numeric-owner no-same-permissions overwrite " +
	"U,unlink-first remove-files S,sparse i,ignore-zeros B,read-full-records b,blocking-factor: format: totals no-recursion one-file-system warning: skip-old-files"

// archiver is a tar that runs.
type archiver struct {
	ctx     context.Context
	p       *shell.Proc
	a       *arguments
	files   *vfs.View // from the folder that -C names
	archive string    // - is standard input or output
	status  int
	told    map[string]bool // notices that are given once
	width   int             // of owner and size in a list
}

// errFatal ends tar after what was wrong has been said.
var errFatal = errors.New("tar gave up")

func tarProgram(ctx context.Context, p *shell.Proc) int {
	c := *p
	if !oldTar(&c) {
		return 2
	}
	a, status := options(&c, tool{spec: tarOptions, usage: "[OPTION...] [FILE]...", version: tarVersion, bad: 64, ordered: true, try: tarTry})
	if a == nil {
		return status
	}
	t := &archiver{ctx: ctx, p: p, a: a, files: p.Files, archive: a.value("f", "-"), told: map[string]bool{}, width: 19}
	err := t.run()
	switch {
	case errors.Is(err, errFatal):
		p.Errorf("Error is not recoverable: exiting now")
		return 2
	case err != nil:
		return 2
	case t.status != 0:
		p.Errorf("Exiting with failure status due to previous errors")
	}
	return t.status
}

// oldTar rewrites the options without a dash that tar takes at the beginning:
// the values of those that need one follow in their order.
func oldTar(p *shell.Proc) bool {
	if len(p.Args) < 2 || p.Args[1] == "" || p.Args[1][0] == '-' {
		return true
	}
	args, rest := []string{p.Args[0]}, p.Args[2:]
	for _, c := range p.Args[1] {
		args = append(args, "-"+string(c))
		if !strings.ContainsRune("fCTb", c) {
			continue
		}
		if len(rest) == 0 {
			fmt.Fprintf(p.Err, "tar: Old option '%c' requires an argument.\n%s\n", c, tarTry)
			return false
		}
		args, rest = append(args, rest[0]), rest[1:]
	}
	p.Args = append(args, rest...)
	return true
}

func (t *archiver) run() error {
	modes := 0
	for _, m := range []string{"c", "t", "x", "r"} {
		modes += min(t.a.count(m), 1)
	}
	switch {
	case modes == 0:
		return t.usage("You must specify one of the '-Acdtrux', '--delete' or '--test-label' options")
	case modes > 1:
		return t.usage("You may not specify more than one '-Acdtrux', '--delete' or  '--test-label' option")
	case t.a.has("r") && t.packing() != "":
		return t.usage("Cannot update compressed archives")
	case t.a.has("c", "r"):
		return t.create()
	}
	return t.read()
}

func (t *archiver) usage(text string) error {
	t.p.Errorf("%s", text)
	fmt.Fprintln(t.p.Err, tarTry)
	return errUsage
}

var errUsage = errors.New("wrong arguments")

func (t *archiver) wrong(format string, args ...any) {
	t.p.Errorf(format, args...)
	t.status = 2
}

func (t *archiver) fatal(format string, args ...any) error {
	t.p.Errorf(format, args...)
	return errFatal
}

// packing is the program that an archive goes through, as the options say.
func (t *archiver) packing() string {
	programs := map[string]string{"z": "gzip", "j": "bzip2", "J": "xz", "Z": "compress"}
	if o := t.a.last("z", "j", "J", "Z"); o != "" {
		return programs[o]
	}
	if t.a.has("a") && t.a.has("c") {
		for ext, program := range map[string]string{".gz": "gzip", ".tgz": "gzip", ".bz2": "bzip2", ".tbz2": "bzip2", ".xz": "xz", ".txz": "xz"} {
			if path.Ext(t.archive) == ext {
				return program
			}
		}
	}
	return ""
}

// childless is the complaint about a packer that the machine does not have.
func (t *archiver) childless(program string) error {
	fmt.Fprintf(t.p.Err, "tar (child): %s: Cannot exec: No such file or directory\ntar (child): Error is not recoverable: exiting now\n", program)
	return t.fatal("Child returned status 2")
}

// operands calls fn for each operand and line of -T, from the folder that the
// -C before it names.
func (t *archiver) operands(fn func(name string) error) error {
	for _, o := range t.a.all {
		var err error
		switch o.name {
		case "C":
			err = t.enter(o.value)
		case "T":
			err = t.listed(o.value, fn)
		case "":
			err = fn(o.value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *archiver) enter(dir string) error {
	i, err := t.files.Stat(dir)
	if err == nil && !i.IsDir() {
		err = vfs.ENOTDIR
	}
	if err != nil {
		return t.fatal("%s: Cannot open: %s", dir, reason(err))
	}
	t.files = t.files.In(dir)
	return nil
}

func (t *archiver) listed(file string, fn func(name string) error) error {
	r, err := source(t.p, file)
	if err != nil {
		return t.fatal("%s: Cannot open: %s", file, reason(err))
	}
	defer r.Close()
	lines := newLines(t.ctx, t.p, r, '\n')
	for line, _, ok := lines.next(); ok; line, _, ok = lines.next() {
		if err := fn(string(line)); err != nil {
			return err
		}
	}
	return nil
}

// inside strips what would lead a member out of the folder, and says so once.
func (t *archiver) inside(name, what string) string {
	if t.a.has("P") {
		return name
	}
	cut := 0
	if i := strings.LastIndex("/"+name, "/../"); i >= 0 {
		cut = i + len("../")
	}
	for cut < len(name) && name[cut] == '/' {
		cut++
	}
	if cut > 0 && !t.told[name[:cut]+what] {
		t.told[name[:cut]+what] = true
		t.p.Errorf("Removing leading `%s' from %s", name[:cut], what)
	}
	if name = name[cut:]; name == "" {
		return "."
	}
	return name
}

// excluded reports whether a pattern of --exclude fits a name, or the end of
// one behind a slash.
func (t *archiver) excluded(name string) bool {
	return slices.ContainsFunc(t.a.values("exclude"), func(pattern string) bool {
		for tail := name; ; {
			if ok, err := path.Match(pattern, tail); err == nil && ok {
				return true
			}
			_, after, more := strings.Cut(tail, "/")
			if !more {
				return false
			}
			tail = after
		}
	})
}

// show writes a member's name, or its line of a list.
func (t *archiver) show(w io.Writer, h *tar.Header, name string, long bool) {
	if !long {
		fmt.Fprintln(w, quotedName(name))
		return
	}
	size := strconv.FormatInt(h.Size, 10)
	if h.Typeflag == tar.TypeChar || h.Typeflag == tar.TypeBlock {
		size = fmt.Sprintf("%d,%d", h.Devmajor, h.Devminor)
	}
	owner := t.owner(h.Uname, h.Uid) + "/" + t.owner(h.Gname, h.Gid)
	t.width = max(t.width, len(owner)+1+len(size))
	mode, tail := []byte(modeString(h.FileInfo().Mode())), ""
	switch h.Typeflag {
	case tar.TypeLink:
		mode[0], tail = 'h', " link to "+quotedName(h.Linkname)
	case tar.TypeSymlink:
		mode[0], tail = 'l', " -> "+quotedName(h.Linkname)
	}
	fmt.Fprintf(w, "%s %s %*s %s %s%s\n", mode, owner, t.width-len(owner)-1, size, h.ModTime.In(zone(t.p)).Format("2006-01-02 15:04"), quotedName(name), tail)
}

func (t *archiver) owner(name string, id int) string {
	if name == "" || t.a.has("numeric-owner") {
		return strconv.Itoa(id)
	}
	return name
}

// quotedName writes what a terminal would act on as C has it.
func quotedName(name string) string {
	var out strings.Builder
	for i := range len(name) {
		switch c := name[i]; {
		case c == '\n':
			out.WriteString(`\n`)
		case c == '\t':
			out.WriteString(`\t`)
		case c == '\\':
			out.WriteString(`\\`)
		case c < ' ' || c == 127:
			fmt.Fprintf(&out, `\%03o`, c)
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}
