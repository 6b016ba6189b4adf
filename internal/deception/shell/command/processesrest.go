package command

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/world"
)

func pidof(ctx context.Context, p *shell.Proc) int {
	var out []string
	for _, name := range p.Args[1:] {
		for _, r := range slices.Backward(matching(ctx, p, called(path.Base(name)), false)) {
			out = append(out, strconv.Itoa(r.PID))
		}
	}
	if len(out) == 0 {
		return 1
	}
	fmt.Fprintln(p.Out, strings.Join(out, " "))
	return 0
}

func pstree(_ context.Context, p *shell.Proc) int {
	children := map[int][]psRow{}
	for _, d := range p.Machine.Processes() {
		children[d.PPID] = append(children[d.PPID], psRow{d, p})
	}
	withPID := strings.Contains(strings.Join(p.Args[1:], " "), "p")
	var show func(r psRow, indent string, depth int)
	show = func(r psRow, indent string, depth int) {
		label := r.name()
		if withPID {
			label += fmt.Sprintf("(%d)", r.PID)
		}
		fmt.Fprint(p.Out, label)
		kids := children[r.PID]
		for i, k := range kids {
			mark, below := "-+-", " | "
			switch {
			case len(kids) == 1:
				mark, below = "---", "   "
			case i > 0 && i == len(kids)-1:
				mark, below = " `-", "   "
			case i > 0:
				mark = " |-"
			}
			if i > 0 {
				fmt.Fprint(p.Out, indent+strings.Repeat(" ", len(label)))
			}
			fmt.Fprint(p.Out, mark)
			if depth < 40 {
				show(k, indent+strings.Repeat(" ", len(label))+below, depth+1)
			}
		}
		if len(kids) == 0 {
			fmt.Fprintln(p.Out)
		}
	}
	for _, r := range children[0] {
		if r.PID == 1 {
			show(r, "", 0)
		}
	}
	return 0
}

func free(_ context.Context, p *shell.Proc) int {
	a, status := options(p, tool{spec: "b,bytes k,kibi m,mebi g,gibi kilo mega giga h,human si l,lohi t,total s,seconds: c,count: w,wide v", usage: "[options]", version: "from procps-ng 4.0.2"})
	if a == nil {
		return status
	}
	show := func(kib uint64) string {
		switch a.last("b", "k", "m", "g", "h", "mega") {
		case "b":
			return strconv.FormatUint(kib*1024, 10)
		case "m":
			return strconv.FormatUint(kib>>10, 10)
		case "g":
			return strconv.FormatUint(kib>>20, 10)
		case "mega":
			return strconv.FormatUint(kib*1024/1000/1000, 10)
		case "h":
			return binaryUnit(kib)
		}
		return strconv.FormatUint(kib, 10)
	}
	m := world.MemoryOf(p.Machine.Persona(), p.Now())
	cache := m.Cached + m.Buffers + m.Reclaimable
	row := func(name string, v ...uint64) {
		fmt.Fprintf(p.Out, "%-9s", name)
		for i, n := range v {
			fmt.Fprintf(p.Out, "%*s", 11+order(i > 0), show(n))
		}
		fmt.Fprintln(p.Out)
	}
	fmt.Fprintln(p.Out, "               total        used        free      shared  buff/cache   available")
	row("Mem:", m.Total, m.Total-m.Available, m.Free, m.Shared, cache, m.Available)
	row("Swap:", m.SwapTotal, m.SwapTotal-m.SwapFree, m.SwapFree)
	if a.has("t") {
		row("Total:", m.Total+m.SwapTotal, m.Total-m.Available+m.SwapTotal-m.SwapFree, m.Free+m.SwapFree)
	}
	return 0
}

// binaryUnit is a size as free -h shows it.
func binaryUnit(kib uint64) string {
	v, unit := float64(kib)*1024, 0
	names := []string{"B", "Ki", "Mi", "Gi", "Ti"}
	for v >= 1000 && unit < len(names)-1 {
		v /= 1024
		unit++
	}
	if v < 10 && unit > 0 {
		return fmt.Sprintf("%.1f%s", v, names[unit])
	}
	return fmt.Sprintf("%.0f%s", v, names[unit])
}

func vmstat(_ context.Context, p *shell.Proc) int {
	m := world.MemoryOf(p.Machine.Persona(), p.Now())
	fmt.Fprintln(p.Out, "procs -----------memory---------- ---swap-- -----io---- -system-- ------cpu-----")
	fmt.Fprintln(p.Out, " r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st")
	fmt.Fprintf(p.Out, " 1  0 %6d %6d %6d %6d    0    0     3     9   41   72  0  0 99  0  0\n", m.SwapTotal-m.SwapFree, m.Free, m.Buffers, m.Cached+m.Reclaimable)
	return 0
}

// top shows one screen at a time.
func top(ctx context.Context, p *shell.Proc) int {
	batch, turns, every := false, 1<<30, 3*time.Second
	for i, arg := range p.Args[1:] {
		next := field(p.Args, i+2)
		switch {
		case strings.HasPrefix(arg, "-") && strings.Contains(arg, "b"):
			batch = true
		}
		if n, err := strconv.Atoi(orElse(strings.TrimLeft(arg, "-bn"), next)); err == nil && strings.HasPrefix(arg, "-") && strings.HasSuffix(strings.TrimRight(arg, "0123456789"), "n") {
			turns = n
		}
	}
	if !batch && !p.InTerminal(1) {
		fmt.Fprintln(p.Err, "top: failed tty get")
		return 1
	}
	rows := 1 << 20
	if !batch && p.Terminal != nil && p.Terminal.Rows > 8 {
		rows = p.Terminal.Rows - 7
	}
	keys := make(chan byte, 1)
	if !batch {
		go quitKey(p, keys)
	}
	for ; turns > 0; turns-- {
		if !batch {
			fmt.Fprint(p.Out, "\x1b[H\x1b[2J")
		}
		topScreen(p, rows)
		if turns == 1 {
			break
		}
		select {
		case <-ctx.Done():
			return 0
		case <-keys:
			return 0
		case <-p.Machine.Clock().After(every):
		}
	}
	return 0
}

// quitKey waits for q. It ends with the program's input.
func quitKey(p *shell.Proc, keys chan<- byte) {
	b := make([]byte, 1)
	for {
		if _, err := p.In.Read(b); err != nil || b[0] == 'q' || b[0] == 3 {
			keys <- b[0]
			return
		}
	}
}

func topScreen(p *shell.Proc, rows int) {
	list := p.Machine.Processes()
	m := world.MemoryOf(p.Machine.Persona(), p.Now())
	mib := func(kib uint64) float64 { return float64(kib) / 1024 }
	cache := m.Cached + m.Buffers + m.Reclaimable
	fmt.Fprintf(p.Out, "top -%s\n", upLine(p))
	fmt.Fprintf(p.Out, "Tasks: %3d total,   1 running, %3d sleeping,   0 stopped,   0 zombie\n", len(list), len(list)-1)
	fmt.Fprintln(p.Out, "%Cpu(s):  0.3 us,  0.3 sy,  0.0 ni, 99.3 id,  0.0 wa,  0.0 hi,  0.0 si,  0.0 st ")
	fmt.Fprintf(p.Out, "MiB Mem : %8.1f total, %8.1f free, %8.1f used, %8.1f buff/cache     \n", mib(m.Total), mib(m.Free), mib(m.Total-m.Available), mib(cache))
	fmt.Fprintf(p.Out, "MiB Swap: %8.1f total, %8.1f free, %8.1f used. %8.1f avail Mem \n\n", mib(m.SwapTotal), mib(m.SwapFree), mib(m.SwapTotal-m.SwapFree), mib(m.Available))
	fmt.Fprintln(p.Out, "    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND")
	for i, d := range list {
		if i == rows {
			break
		}
		r := psRow{d, p}
		user := d.User
		if len(user) > 8 {
			user = user[:7] + "+"
		}
		s := d.CPU.Seconds()
		fmt.Fprintf(p.Out, "%7d %-8s  20   0 %7d %6d %6d %s %5.1f %5.1f %6d:%05.2f %s\n", d.PID, user, d.VSZ, d.RSS, d.RSS*2/3, d.State[:1], 0.0, r.memory(), int(s)/60, s-float64(int(s)/60*60), r.name())
	}
}

func fuser(_ context.Context, p *shell.Proc) int {
	if len(p.Args) < 2 {
		fmt.Fprintln(p.Err, "No process specification given")
	}
	return 1
}

// firstOf is the first of some processes; none when all were killed.
func firstOf(list []psRow) []psRow { return list[:min(len(list), 1)] }

func lsof(ctx context.Context, p *shell.Proc) int {
	if strings.Contains(strings.Join(p.Args[1:], " "), "-i") {
		if p.User.UID == 0 {
			fmt.Fprintln(p.Out, "COMMAND   PID     USER   FD   TYPE DEVICE SIZE/OFF NODE NAME")
			for i, l := range world.Listeners(p.Machine.Persona()) {
				for _, r := range firstOf(matching(ctx, p, called(l.Program), false)) {
					kind := "IPv4"
					if l.Address != "0.0.0.0" {
						kind = "IPv6"
					}
					fmt.Fprintf(p.Out, "%-8s %5d %8s %3du  %s %6d      0t0  TCP *:%s (LISTEN)\n", l.Program, r.PID, r.User, 3+i, kind, 16000+313*i, map[int]string{21: "ftp", 22: "ssh", 80: "http", 5432: "postgresql"}[l.Port])
				}
			}
		}
		return 0
	}
	fmt.Fprintln(p.Out, "COMMAND     PID   TID TASKCMD               USER   FD      TYPE             DEVICE SIZE/OFF       NODE NAME")
	for _, d := range p.Machine.Processes() {
		r := psRow{d, p}
		if p.User.UID == 0 || d.UID == p.User.UID {
			fmt.Fprintf(p.Out, "%-9s %5d %28s  cwd       DIR                8,1     4096          2 /\n", r.name()[:min(9, len(r.name()))], d.PID, d.User)
		}
	}
	return 0
}

func pwdx(_ context.Context, p *shell.Proc) int {
	for _, arg := range p.Args[1:] {
		fmt.Fprintf(p.Out, "%s: /\n", arg)
	}
	return 0
}
