package command

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

func xxd(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, tool{spec: "a b c: E e g: h i l: n: o: ps,p r s: u v", usage: "[options] [infile [outfile]]", version: "2022-01-14 by Juergen Weigert et al."})
	if a == nil {
		return status
	}
	b, err := readAll(ctx, p, orDash(a.rest)[0])
	if err != nil {
		fmt.Fprintf(p.Err, "xxd: %s: %s\n", a.rest[0], reason(err))
		return 2
	}
	plain := a.has("ps")
	if a.has("r") {
		return undump(p, string(b), plain)
	}
	if n, err := strconv.Atoi(a.value("l", "")); err == nil && n >= 0 {
		b = b[:min(n, len(b))]
	}
	width, err := strconv.Atoi(a.value("c", "16"))
	if err != nil || width < 1 || width > 256 {
		width = 16
	}
	if plain {
		width = 30
	}
	for at := 0; at < len(b) && p.Step(ctx) == nil; at += width {
		row := b[at:min(at+width, len(b))]
		if plain {
			fmt.Fprintf(p.Out, "%x\n", row)
			continue
		}
		var hexes, text strings.Builder
		for i := range width {
			if i < len(row) {
				fmt.Fprintf(&hexes, "%02x", row[i])
				text.WriteByte(printable(row[i]))
			} else {
				hexes.WriteString("  ")
			}
			if i%2 == 1 {
				hexes.WriteByte(' ')
			}
		}
		fmt.Fprintf(p.Out, "%08x: %s %s\n", at, hexes.String(), text.String())
	}
	return 0
}

func undump(p *shell.Proc, text string, plain bool) int {
	for line := range strings.Lines(text) {
		if !plain {
			_, line, _ = strings.Cut(line, ": ")
			line, _, _ = strings.Cut(line, "  ")
		}
		b, _ := hex.DecodeString(strings.Join(strings.Fields(line), ""))
		_, _ = p.Out.Write(b)
	}
	return 0
}

func hexdump(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, tool{spec: "b c C,canonical d e: f: n,length: o s,skip: v x", usage: "[options] <file>...", version: "from util-linux 2.38.1"})
	if a == nil {
		return status
	}
	b, err := readAll(ctx, p, orDash(a.rest)[0])
	if err != nil {
		p.Errorf("%s: %s", a.rest[0], reason(err))
		return 1
	}
	if n, ok := parseSize(a.value("n", "")); ok {
		b = b[:min(n, int64(len(b)))]
	}
	canonical := a.has("C") || strings.HasSuffix(p.Args[0], "hd")
	dump(ctx, p, b, 16, a.has("v"), func(at int, row []byte) string {
		if canonical {
			return canonicalRow(at, row)
		}
		text, width := hexdumpCells(row, a.last("b", "c", "d", "o", "x"))
		return fmt.Sprintf("%07x%-*s", at, width, text)
	})
	if format := "%07x\n"; len(b) > 0 {
		if canonical {
			format = "%08x\n"
		}
		fmt.Fprintf(p.Out, format, len(b))
	}
	return 0
}

func canonicalRow(at int, row []byte) string {
	var hexes, text strings.Builder
	for i := range 16 {
		if i == 8 {
			hexes.WriteByte(' ')
		}
		if i < len(row) {
			fmt.Fprintf(&hexes, " %02x", row[i])
			text.WriteByte(printable(row[i]))
		} else {
			hexes.WriteString("   ")
		}
	}
	return fmt.Sprintf("%08x %s  |%s|", at, hexes.String(), text.String())
}

// hexdumpCells writes a row in one of hexdump's formats, and says how wide a
// whole one is.
func hexdumpCells(row []byte, format string) (text string, width int) {
	switch format {
	case "b":
		for _, c := range row {
			text += fmt.Sprintf(" %03o", c)
		}
		return text, 64
	case "c":
		for _, c := range row {
			text += " " + character(c)
		}
		return text, 64
	case "d":
		return words(row, "   %05d"), 64
	case "o":
		return words(row, "  %06o"), 64
	case "x":
		return words(row, "    %04x"), 64
	}
	return words(row, " %04x"), 40
}

// character is a byte as -c shows it.
func character(c byte) string {
	if i := strings.IndexByte("\x00\a\b\f\n\r\t\v", c); i >= 0 {
		return ` \` + string(`0abfnrtv`[i])
	}
	if c < ' ' || c >= 127 {
		return fmt.Sprintf("%03o", c)
	}
	return fmt.Sprintf("%3c", c)
}

func words(row []byte, format string) string {
	var out strings.Builder
	for i := 0; i < len(row); i += 2 {
		v := uint16(row[i])
		if i+1 < len(row) {
			v |= uint16(row[i+1]) << 8
		}
		fmt.Fprintf(&out, format, v)
	}
	return out.String()
}

// dump writes rows, and a * for those that repeat the one before.
func dump(ctx context.Context, p *shell.Proc, b []byte, width int, all bool, row func(at int, row []byte) string) {
	last, starred := "", false
	for at := 0; at < len(b) && p.Step(ctx) == nil; at += width {
		r := b[at:min(at+width, len(b))]
		if string(r) == last && len(r) == width && !all {
			if !starred {
				fmt.Fprintln(p.Out, "*")
			}
			starred = true
			continue
		}
		last, starred = string(r), false
		if _, err := fmt.Fprintln(p.Out, row(at, r)); err != nil {
			return
		}
	}
}

func od(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("A,address-radix: j,skip-bytes: N,read-bytes: t,format: v,output-duplicates w,width? a b c d f i l o s x endian: S: traditional", "[OPTION]... [FILE]..."))
	if a == nil {
		return status
	}
	var b []byte
	status = inputs(p, a.rest, func(_ string, r io.Reader) error {
		if n, ok := parseSize(a.value("N", "")); ok {
			r = io.LimitReader(r, n+skipped(a)-int64(len(b)))
		}
		more, err := hold(ctx, p, r)
		b = append(b, more...)
		if err == vfs.EINTR {
			return err
		}
		return err
	})
	skip := min(skipped(a), int64(len(b)))
	b = b[skip:]
	address := func(n int) string {
		switch a.value("A", "o") {
		case "n":
			return ""
		case "d":
			return fmt.Sprintf("%07d", n)
		case "x":
			return fmt.Sprintf("%06x", n)
		}
		return fmt.Sprintf("%07o", n)
	}
	format := odFormat(a)
	dump(ctx, p, b, 16, a.has("v"), func(at int, row []byte) string { return address(at+int(skip)) + format(row) })
	if end := address(len(b) + int(skip)); end != "" {
		fmt.Fprintln(p.Out, end)
	}
	return status
}

func skipped(a *arguments) int64 {
	n, _ := parseSize(a.value("j", "0"))
	return n
}

func odFormat(a *arguments) func(row []byte) string {
	kind := map[string]string{"c": "c", "x": "x2", "b": "o1", "d": "u2", "o": "o2", "a": "a", "": "o2", "i": "d4", "s": "d2"}[a.last("a", "b", "c", "d", "i", "o", "s", "x")]
	if a.has("t") {
		kind = a.value("t", "")
	}
	bytewise := func(format string) func([]byte) string {
		return func(row []byte) string {
			var out strings.Builder
			for _, c := range row {
				fmt.Fprintf(&out, format, c)
			}
			return out.String()
		}
	}
	switch strings.TrimSuffix(kind, "z") {
	case "x1":
		return bytewise(" %02x")
	case "u1":
		return bytewise(" %3d")
	case "d1":
		return func(row []byte) (out string) {
			for _, c := range row {
				out += fmt.Sprintf(" %4d", int8(c))
			}
			return out
		}
	case "o1":
		return bytewise(" %03o")
	case "x2", "x":
		return func(row []byte) string { return words(row, " %04x") }
	case "u2":
		return func(row []byte) string { return words(row, " %5d") }
	case "u4", "d4", "x4", "u":
		return func(row []byte) (out string) {
			for i := 0; i < len(row); i += 4 {
				var w [4]byte
				copy(w[:], row[i:])
				v := uint32(w[0]) | uint32(w[1])<<8 | uint32(w[2])<<16 | uint32(w[3])<<24
				switch kind[0] {
				case 'x':
					out += fmt.Sprintf(" %08x", v)
				case 'd':
					out += fmt.Sprintf(" %11d", int32(v))
				default:
					out += fmt.Sprintf(" %10d", v)
				}
			}
			return out
		}
	case "c", "a":
		return func(row []byte) (out string) {
			for _, c := range row {
				out += fmt.Sprintf(" %3s", charName(c))
			}
			return out
		}
	}
	return func(row []byte) string { return words(row, " %06o") }
}

func charName(c byte) string {
	if i := strings.IndexByte("\x00\a\b\t\n\v\f\r", c); i >= 0 {
		return `\` + string("0abtnvfr"[i])
	}
	if c >= 32 && c < 127 {
		return string(c)
	}
	return fmt.Sprintf("%03o", c)
}
