package command

import (
	"bufio"
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"
	"strings"

	"golang.org/x/crypto/blake2b"

	"go.cordon.dev/cordon/internal/deception/shell"
)

func summing() table {
	blake := func() hash.Hash {
		h, _ := blake2b.New512(nil)
		return h
	}
	t := table{"base64": encoder("base64"), "base32": encoder("base32"), "cksum": cksum, "sum": bsdSum, "xxd": xxd, "hexdump": hexdump, "hd": hexdump, "od": od}
	for name, h := range map[string]func() hash.Hash{"md5sum": md5.New, "sha1sum": sha1.New, "sha224sum": sha256.New224, "sha256sum": sha256.New, "sha384sum": sha512.New384, "sha512sum": sha512.New, "b2sum": blake} {
		t[name] = digest(h)
	}
	return t
}

// digest returns one of the programs that print or check digests.
func digest(h func() hash.Hash) shell.Command {
	return func(ctx context.Context, p *shell.Proc) int {
		a, status := options(p, coreutils("b,binary c,check l,length: tag t,text z,zero ignore-missing quiet status strict w,warn", "[OPTION]... [FILE]..."))
		if a == nil {
			return status
		}
		if a.has("c") {
			return checkDigests(ctx, p, a, h)
		}
		mark := "  "
		if a.has("b") {
			mark = " *"
		}
		return inputs(p, a.rest, func(name string, r io.Reader) error {
			sum, err := digestOf(ctx, p, r, h)
			if err == nil && a.has("tag") {
				fmt.Fprintf(p.Out, "%s (%s) = %s\n", strings.ToUpper(strings.TrimSuffix(p.Args[0], "sum")), name, sum)
			} else if err == nil {
				fmt.Fprintf(p.Out, "%s%s%s\n", sum, mark, name)
			}
			return err
		})
	}
}

func digestOf(ctx context.Context, p *shell.Proc, r io.Reader, h func() hash.Hash) (string, error) {
	sum := h()
	err := move(ctx, p, sum, r, lookCost)
	return hex.EncodeToString(sum.Sum(nil)), err
}

func checkDigests(ctx context.Context, p *shell.Proc, a *arguments, h func() hash.Hash) int {
	wrong, unread := 0, 0
	status := inputs(p, a.rest, func(_ string, r io.Reader) error {
		s := bufio.NewScanner(r)
		for s.Scan() {
			sum, name, ok := strings.Cut(s.Text(), " ")
			if name = strings.TrimLeft(name, " *"); !ok || len(sum) != 2*h().Size() {
				continue
			}
			f, err := source(p, name)
			got := ""
			if err == nil {
				got, err = digestOf(ctx, p, f, h)
				_ = f.Close()
			}
			switch {
			case err != nil:
				p.Errorf("%s: %s", colon(name), reason(err))
				fmt.Fprintf(p.Out, "%s: FAILED open or read\n", name)
				unread++
			case !strings.EqualFold(got, sum):
				fmt.Fprintf(p.Out, "%s: FAILED\n", name)
				wrong++
			case !a.has("quiet", "status"):
				fmt.Fprintf(p.Out, "%s: OK\n", name)
			}
		}
		return s.Err()
	})
	plural := func(n int, one, many string) string {
		if n == 1 {
			return one
		}
		return many
	}
	if unread > 0 {
		p.Errorf("WARNING: %d listed %s could not be read", unread, plural(unread, "file", "files"))
	}
	if wrong > 0 {
		p.Errorf("WARNING: %d computed %s did NOT match", wrong, plural(wrong, "checksum", "checksums"))
	}
	return min(status+wrong+unread, 1)
}

// encoder returns base64 or base32.
func encoder(kind string) shell.Command {
	return func(ctx context.Context, p *shell.Proc) int {
		a, status := options(p, coreutils("d,decode i,ignore-garbage w,wrap:", "[OPTION]... [FILE]"))
		if a == nil {
			return status
		}
		name := orDash(a.rest)[0]
		b, err := readAll(ctx, p, name)
		if err != nil {
			p.Errorf("%s: %s", colon(name), reason(err))
			return 1
		}
		if a.has("d") {
			return decode(p, kind, b, a.has("i"))
		}
		width, err := strconv.Atoi(a.value("w", "76"))
		if err != nil || width < 0 {
			p.Errorf("invalid wrap size: %s", quote(p, a.value("w", "")))
			return 1
		}
		text := base64.StdEncoding.EncodeToString(b)
		if kind == "base32" {
			text = base32.StdEncoding.EncodeToString(b)
		}
		var out strings.Builder
		for width > 0 && len(text) > 0 {
			n := min(width, len(text))
			out.WriteString(text[:n] + "\n")
			text = text[n:]
		}
		out.WriteString(text)
		_, _ = io.WriteString(p.Out, out.String())
		return 0
	}
}

func decode(p *shell.Proc, kind string, b []byte, garbage bool) int {
	text := strings.Map(func(r rune) rune {
		ok := r >= '0' && r <= '9' || r|32 >= 'a' && r|32 <= 'z' || r == '+' || r == '/' || r == '='
		if r == '\n' || garbage && !ok {
			return -1
		}
		return r
	}, string(b))
	read := base64.StdEncoding.DecodeString
	if kind == "base32" {
		read = base32.StdEncoding.DecodeString
	}
	out, err := read(text)
	var at base64.CorruptInputError
	if errors.As(err, &at) { // what is right before it is written
		out, _ = base64.RawStdEncoding.DecodeString(text[:int(at)/4*4])
	}
	_, _ = p.Out.Write(out)
	if err != nil {
		p.Errorf("invalid input")
		return 1
	}
	return 0
}

func cksum(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("a,algorithm: l,length: untagged z,zero c,check", "[OPTION]... [FILE]..."))
	if a == nil {
		return status
	}
	return inputs(p, a.rest, func(name string, r io.Reader) error {
		b, err := hold(ctx, p, r)
		if err != nil {
			return err
		}
		if len(a.rest) == 0 {
			fmt.Fprintf(p.Out, "%d %d\n", posixCRC(b), len(b))
			return nil
		}
		_, err = fmt.Fprintf(p.Out, "%d %d %s\n", posixCRC(b), len(b), name)
		return err
	})
}

// posixCRC is the checksum of POSIX's cksum: the length follows the bytes.
func posixCRC(b []byte) uint32 {
	crc := uint32(0)
	add := func(c byte) {
		crc ^= uint32(c) << 24
		for range 8 {
			if crc&0x80000000 != 0 {
				crc = crc<<1 ^ 0x04c11db7
			} else {
				crc <<= 1
			}
		}
	}
	for _, c := range b {
		add(c)
	}
	for n := len(b); n > 0; n >>= 8 {
		add(byte(n))
	}
	return ^crc
}

func bsdSum(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("r s,sysv", "[OPTION]... [FILE]..."))
	if a == nil {
		return status
	}
	return inputs(p, a.rest, func(name string, r io.Reader) error {
		b, err := hold(ctx, p, r)
		sum := uint16(0)
		for _, c := range b {
			sum = sum>>1 + sum<<15
			sum += uint16(c)
		}
		if len(a.rest) == 0 {
			name = ""
		}
		fmt.Fprintln(p.Out, strings.TrimRight(fmt.Sprintf("%05d %5d %s", sum, (len(b)+1023)/1024, name), " "))
		return err
	})
}

// printable is a byte as dumps show it.
func printable(b byte) byte {
	if b < 32 || b > 126 {
		return '.'
	}
	return b
}
