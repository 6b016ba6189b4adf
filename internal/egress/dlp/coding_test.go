package dlp_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"hash/adler32"
	"io"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"go.cordon.dev/cordon/internal/egress/dlp"
)

// pack writes a text through a compressor.
func pack(t *testing.T, text string, open func(io.Writer) (io.WriteCloser, error)) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := open(&out)
	if err == nil {
		_, err = io.WriteString(w, text)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func gzipNamed(t *testing.T, text, name string) []byte {
	t.Helper()
	return pack(t, text, func(w io.Writer) (io.WriteCloser, error) {
		z := gzip.NewWriter(w)
		z.Name = name
		return z, nil
	})
}

func deflated(t *testing.T, text string) []byte {
	t.Helper()
	return pack(t, text, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, 9) })
}

// smallWindow is zlib with a window of 4 KiB, as those write it who save memory.
func smallWindow(t *testing.T, text string) []byte {
	t.Helper()
	out := append([]byte{0x48, 0x89}, deflated(t, text)...)
	return binary.BigEndian.AppendUint32(out, adler32.Checksum([]byte(text)))
}

func zstandard(t *testing.T, text string, window int) []byte {
	t.Helper()
	return pack(t, text, func(w io.Writer) (io.WriteCloser, error) {
		return zstd.NewWriter(w, zstd.WithWindowSize(window), zstd.WithSingleSegment(false))
	})
}

// What a head says was done to a body is undone, as whoever receives it will: a secret
// does not pass, also where the bytes do not tell what they are. Of a head of gzip that
// is longer than Go's library reads it is enough that nobody saw what is behind it.
func TestADeclaredCodingIsUndone(t *testing.T) {
	secret := token(t)
	text := "a line of some length that compresses well, and well again: " + secret + " and so on\n"
	empty := "\x00\x00\x00\xff\xff" // a stored block of deflate without a byte
	long := strings.Repeat("n", 600)
	half := len(text)/2 + 8 // within the secret
	for name, tt := range map[string]struct {
		codings []string
		body    []byte
	}{
		"gzip":                              {[]string{"gzip"}, gzipNamed(t, text, "")},
		"gzip with a long name":             {[]string{"gzip"}, gzipNamed(t, text, long)},
		"gzip of two members":               {[]string{"gzip"}, append(gzipNamed(t, text[:half], ""), gzipNamed(t, text[half:], "")...)},
		"gzip with a secret as its name":    {[]string{"gzip"}, gzipNamed(t, "harmless", secret)},
		"deflate with the head of zlib":     {[]string{"deflate"}, pack(t, text, func(w io.Writer) (io.WriteCloser, error) { return zlib.NewWriter(w), nil })},
		"deflate with a small window":       {[]string{"deflate"}, smallWindow(t, text)},
		"deflate without a head":            {[]string{"deflate"}, deflated(t, text)},
		"deflate behind an empty block":     {[]string{"deflate"}, append([]byte(empty), deflated(t, text)...)},
		"zstd":                              {[]string{"zstd"}, zstandard(t, text, 1<<20)},
		"zstd behind a frame to be skipped": {[]string{"zstd"}, append([]byte("\x50\x2a\x4d\x18\x04\x00\x00\x00skip"), zstandard(t, text, 1<<20)...)},
		"brotli of gzip with a long name": {[]string{"gzip", "br"}, pack(t, string(gzipNamed(t, text, long)), func(w io.Writer) (io.WriteCloser, error) {
			return brotli.NewWriter(w), nil
		})},
		"deflate of deflate": {[]string{"deflate", "deflate"}, append([]byte(empty), deflated(t, empty+string(deflated(t, text)))...)},
	} {
		t.Run(name, func(t *testing.T) {
			var j judge
			var dst bytes.Buffer
			s := inspector(t, dlp.Limits{}).Stream(&dst, dlp.Body{Encoded: true, Codings: tt.codings, Judge: j.refuse})
			_ = send(s, tt.body, 100)
			found := len(j.told) == 1 && len(j.told[0].Findings) > 0
			if len(j.told) != 1 || !found && !strings.Contains(name, "long name") || dst.Len() > 0 {
				t.Errorf("told of %+v, %d bytes passed", j.told, dst.Len())
			}
		})
	}
}

// What is not what its head says is not clean: whoever receives it may read it all the
// same.
func TestACodingThatCannotBeUndoneIsNotSeen(t *testing.T) {
	whole := gzipNamed(t, "nothing in here is worth a look", "")
	wide := zstandard(t, strings.Repeat("a line of text ", 1000), 1<<20)
	wide[5] = 16 << 3 // 64 MiB (RFC 8878, 3.1.1.1.2)
	for name, tt := range map[string]struct {
		codings []string
		body    []byte
	}{
		"a stream that is cut off":      {[]string{"gzip"}, whole[:len(whole)-9]},
		"bytes behind the stream":       {[]string{"gzip"}, append(bytes.Clone(whole), "more"...)},
		"deflate behind its last block": {[]string{"deflate"}, append(deflated(t, "all is well"), deflated(t, "token "+token(t))...)},
		"zlib behind its last block":    {[]string{"deflate"}, append(smallWindow(t, "all is well"), smallWindow(t, "token "+token(t))...)},
		"deflate of deflate, and more":  {[]string{"deflate", "gzip"}, gzipNamed(t, string(append(deflated(t, "all is well"), "\x8a\x91more"...)), "")},
		"zstd of too large a window":    {[]string{"zstd"}, wide},
		"another coding":                {[]string{"br"}, whole},
		"a coding that nobody can tell": {[]string{"compress"}, whole},
	} {
		t.Run(name, func(t *testing.T) {
			var j judge
			var dst bytes.Buffer
			s := inspector(t, dlp.Limits{}).Stream(&dst, dlp.Body{Encoded: true, Codings: tt.codings, Judge: j.refuse})
			_ = send(s, tt.body, 100)
			if len(j.told) != 1 || j.told[0].Unseen == "" || dst.Len() > 0 {
				t.Errorf("told of %+v, %d bytes passed", j.told, dst.Len())
			}
		})
	}
}

// A body in which nothing is found passes as it came.
func TestAnEncodedBodyPassesAsItIs(t *testing.T) {
	for name, body := range map[string][]byte{"gzip": gzipNamed(t, "all is well", "name.txt"), "two members": append(gzipNamed(t, "all", ""), gzipNamed(t, "is well", "")...), "nothing": nil} {
		t.Run(name, func(t *testing.T) {
			var j judge
			var dst bytes.Buffer
			s := inspector(t, dlp.Limits{}).Stream(&dst, dlp.Body{Encoded: true, Codings: []string{"gzip"}, Judge: j.refuse})
			if err := send(s, body, 100); err != nil || !bytes.Equal(dst.Bytes(), body) || len(j.told) > 0 {
				t.Errorf("%v, told of %v, passed %q", err, j.told, dst.Bytes())
			}
		})
	}
}
