package command

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

func mkdirOne(p *shell.Proc, a *arguments, name string, mode fs.FileMode) bool {
	made := []string{name}
	if a.has("p") {
		made = nil
		for at := path.Clean(name); at != "/" && at != "."; at = path.Dir(at) {
			if i, err := p.Files.Stat(at); err == nil && i.IsDir() {
				break
			}
			made = append([]string{at}, made...)
		}
	}
	for _, dir := range made {
		if err := p.Files.Mkdir(dir, mode&0o777); err != nil {
			p.Errorf("cannot create directory %s: %s", quote(p, dir), reason(err))
			return false
		}
		if a.has("v") {
			fmt.Fprintf(p.Out, "%s: created directory %s\n", p.Args[0], quoted(dir))
		}
		if a.has("m") && dir == made[len(made)-1] {
			_ = p.Files.Chmod(dir, mode&^fs.ModeDir)
		}
	}
	return true
}

func mktemp(_ context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("d,directory u,dry-run q,quiet suffix: p,tmpdir? t", "[OPTION]... [TEMPLATE]"))
	if a == nil {
		return status
	}
	dir := p.Env.Get("TMPDIR")
	if dir == "" {
		dir = "/tmp"
	}
	template := dir + "/tmp.XXXXXXXXXX"
	if len(a.rest) > 0 {
		template = a.rest[0]
		if a.has("t", "p") {
			template = strings.TrimSuffix(orElse(a.value("p", ""), dir), "/") + "/" + template
		}
	} else if a.has("p") && a.value("p", "") != "" {
		template = strings.TrimSuffix(a.value("p", ""), "/") + "/tmp.XXXXXXXXXX"
	}
	end := strings.LastIndexByte(template, 'X') + 1
	start := len(strings.TrimRight(template[:end], "X"))
	if end-start < 3 {
		p.Errorf("too few X's in template %s", quote(p, template))
		return 1
	}
	name := template[:start] + letters(p, end-start) + template[end:] + a.value("suffix", "")
	make := func() error { return p.Files.WriteFile(name, nil, 0o600) }
	kind := "file"
	if a.has("d") {
		kind, make = "directory", func() error { return p.Files.Mkdir(name, 0o700) }
	}
	if a.has("u") {
		make = func() error { return nil }
	}
	if err := make(); err != nil {
		p.Errorf("failed to create %s via template %s: %s", kind, quote(p, template), reason(err))
		return 1
	}
	fmt.Fprintln(p.Out, name)
	return 0
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func mkfifo(_ context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("m,mode: Z context?", "[OPTION]... NAME..."))
	if a == nil {
		return status
	}
	if status, ok := missing(p, a, 1, -1); !ok {
		return status
	}
	for _, name := range a.rest {
		if err := p.Files.Mknod(name, fs.ModeNamedPipe|0o666, vfs.Device{}); err != nil {
			p.Errorf("cannot create fifo %s: %s", quoted(name), reason(err))
			status = 1
		}
	}
	return status
}

func mknod(_ context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("m,mode: Z context?", "[OPTION]... NAME TYPE [MAJOR MINOR]"))
	if a == nil {
		return status
	}
	if status, ok := missing(p, a, 2, 4); !ok {
		return status
	}
	mode, ok := map[string]fs.FileMode{"p": fs.ModeNamedPipe, "b": fs.ModeDevice, "c": fs.ModeDevice | fs.ModeCharDevice, "u": fs.ModeDevice | fs.ModeCharDevice}[a.rest[1]]
	if !ok {
		p.Errorf("invalid device type %s", quote(p, a.rest[1]))
		try(p)
		return 1
	}
	var d vfs.Device
	if len(a.rest) == 4 {
		_, _ = fmt.Sscan(a.rest[2], &d.Major)
		_, _ = fmt.Sscan(a.rest[3], &d.Minor)
	}
	if err := p.Files.Mknod(a.rest[0], mode|0o666, d); err != nil {
		p.Errorf("%s: %s", colon(a.rest[0]), reason(err))
		return 1
	}
	return 0
}

// shred overwrites files; what it writes is of no matter here.
func shred(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("f,force n,iterations: random-source: s,size: u remove? v,verbose x,exact z,zero", "[OPTION]... FILE..."))
	if a == nil {
		return status
	}
	if len(a.rest) == 0 {
		p.Errorf("missing file operand")
		try(p)
		return 1
	}
	for _, name := range a.rest {
		i, err := p.Files.Stat(name)
		if err == nil {
			err = p.Files.WriteFile(name, make([]byte, min(i.Size, 1<<20)), 0o600)
		}
		if err != nil {
			p.Errorf("%s: failed to open for writing: %s", colon(name), reason(err))
			status = 1
			continue
		}
		if a.has("v") {
			for pass := range 3 {
				p.Errorf("%s: pass %d/3 (random)...", colon(name), pass+1)
			}
		}
		if a.has("u", "remove") {
			_ = p.Files.Remove(name)
		}
	}
	return status
}

func truncate(_ context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("c,no-create o,io-blocks r,reference: s,size:", "OPTION... FILE..."))
	if a == nil {
		return status
	}
	if !a.has("s", "r") {
		p.Errorf("you must specify either %s or %s", quote(p, "--size"), quote(p, "--reference"))
		try(p)
		return 1
	}
	if len(a.rest) == 0 {
		p.Errorf("missing file operand")
		try(p)
		return 1
	}
	text := a.value("s", "0")
	n, ok := parseSize(strings.TrimLeft(text, "+-<>/%"))
	if !ok {
		p.Errorf("Invalid number: %s", quote(p, text))
		return 1
	}
	for _, name := range a.rest {
		i, err := p.Files.Stat(name)
		if err != nil && a.has("c") {
			continue
		}
		if err != nil {
			err = p.Files.WriteFile(name, nil, 0o666)
		}
		if err == nil {
			err = p.Files.Truncate(name, newSize(text[0], i.Size, n))
		}
		if err != nil {
			p.Errorf("cannot open %s for writing: %s", quoted(name), reason(err))
			status = 1
		}
	}
	return status
}

func newSize(how byte, old, n int64) int64 {
	switch how {
	case '+':
		return old + n
	case '-':
		return max(old-n, 0)
	case '<':
		return min(old, n)
	case '>':
		return max(old, n)
	}
	return n
}
