package command

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

const binutilsVersion = `(GNU Binutils for Debian) 2.40
Copyright (C) 2023 Free Software Foundation, Inc.
This program is free software; you may redistribute it under the terms of
the GNU General Public License version 3 or (at your option) any later version.
This program has absolutely no warranty.`

// printing finds runs of characters that print.
type printing struct {
	p     *shell.Proc
	least int
	radix string // of the offset before each run; "" shows none
	name  string // before each run; "" shows none
}

func stringsProgram(ctx context.Context, p *shell.Proc) int {
	c := *p
	for i, arg := range p.Args { // -8 is -n 8
		if _, err := strconv.Atoi(strings.TrimPrefix(arg, "-")); err == nil && i > 0 && arg[0] == '-' && p.Args[i-1] != "-n" {
			c.Args = append(append(append([]string{}, p.Args[:i]...), "-n", arg[1:]), p.Args[i+1:]...)
			break
		}
	}
	a, status := options(&c, tool{spec: "a,all d,data e,encoding: f,print-file-name n,bytes: o s,output-separator: t,radix: T,target: U,unicode: w,include-all-whitespace", usage: "[option(s)] [file(s)]", version: binutilsVersion})
	if a == nil {
		return status
	}
	least, err := strconv.Atoi(a.value("n", "4"))
	if err != nil {
		p.Errorf("invalid integer argument %s", a.value("n", ""))
		return 1
	}
	if least < 1 {
		p.Errorf("invalid minimum string length %d", least)
		return 1
	}
	s := &printing{p: p, least: least, radix: a.value("t", "")}
	if a.has("o") {
		s.radix = "o"
	}
	if len(a.rest) == 0 {
		return s.run(ctx, "{standard input}", a.has("f"), p.In)
	}
	for _, name := range a.rest {
		status = max(status, s.file(ctx, name, a.has("f")))
	}
	return status
}

func (s *printing) file(ctx context.Context, name string, named bool) int {
	i, err := s.p.Files.Stat(name)
	switch {
	case err != nil && reason(err) == vfs.ENOENT.Error():
		s.p.Errorf("'%s': No such file", name)
		return 1
	case err == nil && i.IsDir():
		s.p.Errorf("Warning: '%s' is a directory", name)
		return 1
	}
	f, err := s.p.Files.Open(name, vfs.O_RDONLY, 0)
	if err != nil {
		s.p.Errorf("%s: %s", name, reason(err))
		return 1
	}
	defer f.Close()
	return s.run(ctx, name, named, f)
}

func (s *printing) run(ctx context.Context, name string, named bool, in io.Reader) int {
	if s.name = ""; named {
		s.name = name + ": "
	}
	r, run, at := bufio.NewReaderSize(in, 32<<10), []byte{}, 0
	for ; ; at++ {
		b, err := r.ReadByte()
		if err == nil && (b == '\t' || b >= ' ' && b < 127) && len(run) < mostHeld {
			run = append(run, b)
		} else {
			s.show(run, at)
			run = run[:0]
		}
		if err != nil || at%4096 == 4095 && effort(ctx, s.p, 4096, lookCost) != nil {
			return 0
		}
	}
}

// show writes a run that ends before an offset, if it is long enough.
func (s *printing) show(run []byte, end int) {
	if len(run) < s.least {
		return
	}
	offset := ""
	if verb := map[string]string{"o": "%7o ", "d": "%7d ", "x": "%7x "}[s.radix]; verb != "" {
		offset = fmt.Sprintf(verb, end-len(run))
	}
	fmt.Fprintf(s.p.Out, "%s%s%s\n", s.name, offset, run)
}
