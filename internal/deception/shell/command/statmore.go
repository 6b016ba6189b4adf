package command

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/world"
)

// mounted is a file system that df lists.
type mounted struct {
	device, kind, at string
	total, used      uint64 // KiB
	avail            uint64
}

func mountTable(p *shell.Proc) []mounted {
	m := world.MemoryOf(p.Machine.Persona(), p.Now())
	total, used := disk(p)
	dev, run := m.Total/2-9_000, m.Total/10
	return []mounted{
		{"udev", "devtmpfs", "/dev", dev, 0, dev},
		{"tmpfs", "tmpfs", "/run", run, m.Shared, run - m.Shared},
		{"/dev/" + world.HardwareOf(p.Machine.Persona()).Disk + "1", "ext4", "/", total, used, total - used - total/20},
		{"tmpfs", "tmpfs", "/dev/shm", m.Total / 2, 0, m.Total / 2},
		{"tmpfs", "tmpfs", "/run/lock", 5120, 0, 5120},
		{"tmpfs", "tmpfs", "/run/user/0", run, 0, run},
	}
}

func df(_ context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("a,all B,block-size: h,human-readable H,si i,inodes k l,local no-sync output? P,portability sync total t,type: T,print-type x,exclude-type: v m", "[OPTION]... [FILE]..."))
	if a == nil {
		return status
	}
	list := mountTable(p)
	if len(a.rest) > 0 {
		var picked []mounted
		for _, name := range a.rest {
			real, err := p.Files.Real(name)
			if err != nil {
				p.Errorf("%s: %s", name, reason(err))
				status = 1
				continue
			}
			picked = append(picked, holding(list, real))
		}
		if list = picked; len(list) == 0 {
			return status
		}
	}
	rows := [][]string{dfHead(a)}
	for _, m := range list {
		if a.has("t") && a.value("t", "") != m.kind || a.has("x") && a.value("x", "") == m.kind {
			continue
		}
		rows = append(rows, dfRow(a, m))
	}
	left := 1 + order(a.has("T"))
	for _, r := range rows {
		r[0] = fmt.Sprintf("%-14s", r[0])
	}
	columns(p.Out, rows, func(c int) bool { return c >= left && c < len(rows[0])-1 }, " ")
	return status
}

// holding is the file system that a path lies in.
func holding(list []mounted, real string) (best mounted) {
	for _, m := range list {
		if (real == m.at || strings.HasPrefix(real, strings.TrimSuffix(m.at, "/")+"/")) && len(m.at) > len(best.at) || m.at == real {
			best = m
		}
	}
	return best
}

func dfHead(a *arguments) []string {
	kind := []string{"Filesystem"}
	if a.has("T") {
		kind = append(kind, "Type")
	}
	switch {
	case a.has("i"):
		return append(kind, "Inodes", "IUsed", "IFree", "IUse%", "Mounted on")
	case a.has("h", "H"):
		return append(kind, "Size", "Used", "Avail", "Use%", "Mounted on")
	case a.has("m"):
		return append(kind, "1M-blocks", "Used", "Available", "Use%", "Mounted on")
	case a.has("P"):
		return append(kind, "1024-blocks", "Used", "Available", "Capacity", "Mounted on")
	}
	return append(kind, "1K-blocks", "Used", "Available", "Use%", "Mounted on")
}

func dfRow(a *arguments, m mounted) []string {
	row := []string{m.device}
	if a.has("T") {
		row = append(row, m.kind)
	}
	size := func(kib uint64) string {
		switch {
		case a.has("h"):
			return human(kib*1024, 1024)
		case a.has("H"):
			return human(kib*1024, 1000)
		case a.has("m"):
			return strconv.FormatUint((kib+1023)/1024, 10)
		}
		return strconv.FormatUint(kib, 10)
	}
	total, used, avail := m.total, m.used, m.avail
	if a.has("i") {
		total = m.total / 16
		used = 400 + total/90
		avail = total - used
		size = func(n uint64) string { return strconv.FormatUint(n, 10) }
		if a.has("h") {
			size = func(n uint64) string { return human(n, 1000) }
		}
	}
	percent := "0%"
	if used+avail > 0 {
		percent = fmt.Sprintf("%d%%", (used*100+used+avail-1)/(used+avail))
	}
	return append(row, size(total), size(used), size(avail), percent, m.at)
}

// file tells what a file holds, by its first bytes.
func file(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, tool{spec: "b,brief i,mime mime-type mime-encoding L,dereference h,no-dereference f,files-from: k s z", usage: "[-bcCdEhikLlNnprsSvzZ0] [--apple] [--extension] [--mime-encoding] [--mime-type] [-e <testname>] [-F <separator>]  [-f <namefile>] [-m <magicfiles>] [-P <parameter=value>] <file> ...", version: "-5.44"})
	if a == nil {
		return status
	}
	if len(a.rest) == 0 {
		fmt.Fprintf(p.Err, "Usage: file [-bcCdEhikLlNnprsSvzZ0] <file> ...\n")
		return 1
	}
	widest := 0
	for _, name := range a.rest {
		widest = max(widest, len(name))
	}
	for _, name := range a.rest {
		text := fileKind(p, a, name)
		if !a.has("b") {
			text = name + ":" + strings.Repeat(" ", widest-len(name)+1) + text
		}
		fmt.Fprintln(p.Out, text)
	}
	return 0
}

func fileKind(p *shell.Proc, a *arguments, name string) string {
	i, err := p.Files.Lstat(name)
	if err != nil {
		return fmt.Sprintf("cannot open `%s' (%s)", name, reason(err))
	}
	s := stater{p: p, i: i}
	switch kind := s.kind(); {
	case i.Target != "" && !a.has("L"):
		if _, err := p.Files.Stat(path.Join(path.Dir(name), i.Target)); err != nil && !path.IsAbs(i.Target) {
			return "broken symbolic link to " + i.Target
		}
		return "symbolic link to " + i.Target
	case kind == "regular empty file":
		return "empty"
	case i.Mode&fs.ModeDevice != 0:
		return fmt.Sprintf("%s (%d/%d)", strings.TrimSuffix(kind, " file"), i.Device.Major, i.Device.Minor)
	case !i.Mode.IsRegular() && i.Target == "":
		return strings.Replace(kind, "fifo", "fifo (named pipe)", 1)
	}
	b, err := p.Files.ReadFirst(name, 4096)
	if err != nil {
		return "regular file, no read permission"
	}
	if len(b) == 0 {
		return "empty"
	}
	return contentKind(b)
}

func contentKind(b []byte) string {
	text := string(b)
	for _, m := range []struct{ magic, kind string }{
		{"\x1f\x8b", "gzip compressed data, from Unix"}, {"PK\x03\x04", "Zip archive data, at least v2.0 to extract, compression method=deflate"}, {"BZh", "bzip2 compressed data, block size = 900k"}, {"\xfd7zXZ\x00", "XZ compressed data, checksum CRC64"},
		{"\x89PNG", "PNG image data"}, {"\xff\xd8\xff", "JPEG image data"}, {"%PDF-", "PDF document"}, {"GIF8", "GIF image data"}, {"-----BEGIN OPENSSH", "OpenSSH private key"}, {"ssh-", "OpenSSH public key"}, {"<?php", "PHP script, ASCII text"}, {"<!DOCTYPE html", "HTML document, ASCII text"},
		{"#!/bin/bash", "Bourne-Again shell script, ASCII text executable"}, {"#!/usr/bin/env bash", "Bourne-Again shell script, ASCII text executable"}, {"#!/bin/sh", "POSIX shell script, ASCII text executable"}, {"#!/usr/bin/python", "Python script, ASCII text executable"}, {"#!/usr/bin/perl", "Perl script text executable"},
	} {
		if strings.HasPrefix(text, m.magic) {
			return m.kind
		}
	}
	if strings.HasPrefix(text, "\x7fELF") && len(b) > 20 {
		return elfKind(b)
	}
	if strings.IndexByte(text, 0) >= 0 {
		return "data"
	}
	kind := "ASCII text"
	if strings.ContainsFunc(text, func(r rune) bool { return r > 126 }) {
		kind = "Unicode text, UTF-8 text"
	}
	if strings.Contains(text, "\r\n") {
		kind += ", with CRLF line terminators"
	} else if !strings.Contains(text, "\n") {
		kind += ", with no line terminators"
	}
	return kind
}

func elfKind(b []byte) string {
	bits, kind := "64-bit", "executable"
	if b[4] == 1 {
		bits = "32-bit"
	}
	if b[16] == 3 {
		kind = "pie executable"
	}
	machine := map[byte]string{62: "x86-64", 3: "Intel 80386", 40: "ARM, EABI5", 183: "ARM aarch64", 8: "MIPS, MIPS-I", 20: "PowerPC or cisco 4500"}[b[18]]
	linked := "statically linked"
	if strings.Contains(string(b), "ld-linux") {
		linked = "dynamically linked, interpreter /lib64/ld-linux-x86-64.so.2, for GNU/Linux 3.2.0"
	}
	return fmt.Sprintf("ELF %s LSB %s, %s, version 1 (SYSV), %s, stripped", bits, kind, orElse(machine, "unknown arch"), linked)
}
