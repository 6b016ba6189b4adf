package socks

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

// peer is a client that has said everything, and what it is answered.
type peer struct {
	io.Reader
	bytes.Buffer
}

func (p *peer) Read(b []byte) (int, error) { return p.Reader.Read(b) }

func say(text string) *peer { return &peer{Reader: strings.NewReader(text)} }

func TestHandshakesThatAreServed(t *testing.T) {
	for name, tt := range map[string]struct {
		in   string
		want Request
	}{
		"a name":            {"\x05\x01\x00\x05\x01\x00\x03\x09a.example\x01\xbb", Request{"a.example", 443}},
		"IPv4":              {"\x05\x01\x00\x05\x01\x00\x01\xc0\x00\x02\x01\x00\x50", Request{"192.0.2.1", 80}},
		"IPv6":              {"\x05\x01\x00\x05\x01\x00\x04\x20\x01\x0d\xb8" + strings.Repeat("\x00", 11) + "\x01\x00\x50", Request{"2001:db8::1", 80}},
		"IPv4 in IPv6":      {"\x05\x01\x00\x05\x01\x00\x04" + strings.Repeat("\x00", 10) + "\xff\xff\x7f\x00\x00\x01\x00\x50", Request{"::ffff:127.0.0.1", 80}},
		"several methods":   {"\x05\x03\x01\x02\x00\x05\x01\x00\x03\x01a\x00\x50", Request{"a", 80}},
		"a name with NUL":   {"\x05\x01\x00\x05\x01\x00\x03\x03a\x00b\x00\x50", Request{"a\x00b", 80}},
		"port 0, judged on": {"\x05\x01\x00\x05\x01\x00\x03\x01a\x00\x00", Request{"a", 0}},
	} {
		p := say(tt.in)
		if got, err := Handshake(p); err != nil || got != tt.want || p.String() != "\x05\x00" {
			t.Errorf("%s: %+v, %v, answered %q", name, got, err, p.String())
		}
	}
}

func TestHandshakesThatAreRefused(t *testing.T) {
	for name, tt := range map[string]struct{ in, answer string }{
		"no method":           {"\x05\x00", "\x05\xff"},
		"a login only":        {"\x05\x01\x02", "\x05\xff"},
		"GSSAPI only":         {"\x05\x01\x01", "\x05\xff"},
		"SOCKS4":              {"\x04\x01", ""},
		"BIND":                {"\x05\x01\x00\x05\x02\x00\x01\x00\x00\x00\x00\x00\x00", "\x05\x00\x05\x07"},
		"UDP ASSOCIATE":       {"\x05\x01\x00\x05\x03\x00\x01\x00\x00\x00\x00\x00\x00", "\x05\x00\x05\x07"},
		"an unknown command":  {"\x05\x01\x00\x05\xf0\x00\x01\x00\x00\x00\x00\x00\x00", "\x05\x00\x05\x07"},
		"another version":     {"\x05\x01\x00\x04\x01\x00\x01\x00\x00\x00\x00\x00\x00", "\x05\x00\x05\x01"},
		"a reserved byte":     {"\x05\x01\x00\x05\x01\x01\x01\x00\x00\x00\x00\x00\x00", "\x05\x00\x05\x01"},
		"an unknown address":  {"\x05\x01\x00\x05\x01\x00\x05\x00\x00", "\x05\x00\x05\x08"},
		"a name without name": {"\x05\x01\x00\x05\x01\x00\x03\x00\x00\x50", "\x05\x00\x05\x01"},
	} {
		p := say(tt.in)
		_, err := Handshake(p)
		var e *Error
		if !errors.As(err, &e) || !strings.HasPrefix(p.String(), tt.answer) || tt.answer == "" && p.Len() > 0 {
			t.Errorf("%s: %v, answered %q", name, err, p.String())
		}
	}
}

// A handshake that is cut off anywhere is an error and never a request.
func TestACutHandshakeIsNone(t *testing.T) {
	whole := "\x05\x01\x00\x05\x01\x00\x03\x09a.example\x01\xbb"
	for i := range len(whole) {
		if got, err := Handshake(say(whole[:i])); err == nil {
			t.Errorf("%d bytes: %+v", i, got)
		}
	}
}

// What is accepted names a host and takes no byte more than it needs.
func FuzzHandshake(f *testing.F) {
	f.Add([]byte("\x05\x01\x00\x05\x01\x00\x03\x09a.example\x01\xbb"))
	f.Add([]byte("\x05\x01\x00\x05\x01\x00\x01\xc0\x00\x02\x01\x00\x50"))
	f.Fuzz(func(t *testing.T, in []byte) {
		r := bytes.NewReader(in)
		got, err := Handshake(&peer{Reader: r})
		if err != nil {
			return
		}
		used := len(in) - r.Len()
		if got.Host == "" || in[used-2] != byte(got.Port>>8) || in[used-1] != byte(got.Port) {
			t.Errorf("%+v of %q, %d used", got, in, used)
		}
	})
}
