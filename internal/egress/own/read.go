package own

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"go.cordon.dev/cordon/internal/regular"
)

// mostFile bounds a file, in bytes.
const mostFile = 1 << 20

// readFile reads a regular file whole.
func readFile(path string) ([]byte, error) {
	f, info, err := regular.Open(path)
	if errors.Is(err, regular.ErrIrregular) {
		return nil, unfit(path)
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	if info.Size() > mostFile {
		return nil, unfit(path)
	}
	return io.ReadAll(io.LimitReader(f, mostFile))
}

func unfit(path string) error {
	return fmt.Errorf("%s: is no regular file of at most %d bytes; name the .env or key file itself", path, mostFile)
}

// file learns a file by what it is: private keys, lines of NAME=VALUE among which
// such keys may be, one value, or the bytes of a key.
func (l *learner) file(path string, content []byte) {
	name := filepath.Base(path)
	switch {
	case bytes.Contains(content, []byte(blockBegin)):
		l.blocks(name, content)
	case !utf8.Valid(content):
		l.bytes(content[:min(len(content), mostValue)], "the file "+name)
	default:
		l.lines(name, content)
	}
}

// What the first and last line of a block begin with (RFC 7468).
const (
	blockBegin = "-----BEGIN "
	blockEnd   = "-----END "
)

// blocks learns the private keys of a file, and as lines what stands around blocks.
// One may be the value of a variable, in quotes and with \n for the ends of lines.
func (l *learner) blocks(name string, content []byte) {
	text := bytes.ReplaceAll(bytes.ReplaceAll(content, []byte(`\r`), nil), []byte(`\n`), []byte{'\n'})
	defer clear(text)
	for rest := text; ; {
		from, to := nextBlock(rest)
		l.lines(name, rest[:from])
		if from == to {
			return
		}
		l.keysOf(name, rest[from:to])
		rest = rest[to:]
	}
}

// nextBlock is where the first block that has an end begins and ends; at the end of
// the text when there is none.
func nextBlock(text []byte) (from, to int) {
	from = bytes.Index(text, []byte(blockBegin))
	if from < 0 {
		return len(text), len(text)
	}
	end := bytes.Index(text[from:], []byte(blockEnd))
	if end < 0 {
		return len(text), len(text)
	}
	to = from + end + len(blockEnd)
	if dashes := bytes.Index(text[to:], []byte("-----")); dashes >= 0 {
		return from, to + dashes + len("-----")
	}
	return len(text), len(text)
}

// lines learns a .env file, or a file that is one value.
func (l *learner) lines(name string, content []byte) {
	for line := range bytes.Lines(content) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' || len(line) > mostValue {
			continue
		}
		variable, value, found := bytes.Cut(bytes.TrimPrefix(line, []byte("export ")), []byte{'='})
		variable = bytes.TrimSpace(variable)
		if !found || !isName(variable) {
			l.value(line, "the file "+name)
			continue
		}
		l.setting(string(variable), bytes.Trim(bytes.TrimSpace(value), `"'`), string(variable)+" of the file "+name, true)
	}
}

func isName(b []byte) bool {
	if len(b) == 0 || len(b) > 100 {
		return false
	}
	for i, c := range b {
		if !(c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || i > 0 && (c >= '0' && c <= '9' || c == '.' || c == '-')) {
			return false
		}
	}
	return true
}

// bytes learns what is no text, also as others write it: in base64, wherever in a
// group it begins, and in hex.
func (l *learner) bytes(b []byte, source string) {
	if len(b) < window {
		return
	}
	l.part(b, source)
	l.part([]byte(hex.EncodeToString(b)), source)
	for shift := range 3 {
		l.part([]byte(base64.RawStdEncoding.EncodeToString(b[shift:len(b)-(len(b)-shift)%3])), source)
	}
}

// keysOf learns the secret numbers of private keys, not what every key of the kind
// begins with, nor what its public half holds as well.
func (l *learner) keysOf(name string, content []byte) {
	for rest := content; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return
		}
		if !strings.Contains(block.Type, "PRIVATE KEY") {
			continue
		}
		source := "the key in the file " + name
		numbers := secretNumbers(block.Bytes)
		if numbers == nil { // encrypted, or of another kind: its second half is not public
			numbers = [][]byte{block.Bytes[len(block.Bytes)/2:]}
		}
		for _, n := range numbers {
			if at := bytes.Index(block.Bytes, n); at >= 0 && len(n) >= window {
				l.bytes(block.Bytes[at:at+len(n)], source)
				l.encoded(block.Bytes, at, at+len(n), source)
			}
		}
	}
}

// encoded learns a stretch of a block as its base64 stands in the file.
func (l *learner) encoded(block []byte, from, to int, source string) {
	from, to = (from+2)/3*3, to/3*3
	if from < to {
		l.part([]byte(base64.RawStdEncoding.EncodeToString(block[from:to])), source)
	}
}

// secretNumbers are what a private key keeps to itself: the exponent and primes of
// RSA, the scalar of ECDSA, the seed of Ed25519.
func secretNumbers(der []byte) [][]byte {
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		if key, err = x509.ParsePKCS1PrivateKey(der); err != nil {
			if key, err = x509.ParseECPrivateKey(der); err != nil {
				return nil
			}
		}
	}
	switch k := key.(type) {
	case *rsa.PrivateKey:
		numbers := [][]byte{k.D.Bytes()}
		for _, p := range k.Primes {
			numbers = append(numbers, p.Bytes())
		}
		return numbers
	case *ecdsa.PrivateKey:
		if raw, err := k.Bytes(); err == nil {
			return [][]byte{raw}
		}
	case ed25519.PrivateKey:
		return [][]byte{k.Seed()}
	}
	return nil
}
