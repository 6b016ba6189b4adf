package ftp

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/servicetest"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// hasty is a clock for which every wait is over.
type hasty struct{ clock.Real }

func (hasty) After(time.Duration) <-chan time.Time {
	c := make(chan time.Time, 1)
	c <- time.Now()
	return c
}

// spoken is a connection on which a client has said all that it will.
type spoken struct {
	net.Conn
	in  *bytes.Reader
	out int
}

func (s *spoken) Read(b []byte) (int, error)       { return s.in.Read(b) }
func (s *spoken) Write(b []byte) (int, error)      { s.out += len(b); return len(b), nil }
func (s *spoken) SetReadDeadline(time.Time) error  { return nil }
func (s *spoken) SetWriteDeadline(time.Time) error { return nil }

// lonely is a port to which one client comes with nothing to say, and takes all.
type lonely struct{ net.Listener }

func (lonely) Accept() (net.Conn, error) {
	ours, theirs := net.Pipe()
	go func() {
		_, _ = io.CopyN(io.Discard, theirs, 1<<20)
		_ = theirs.Close()
	}()
	return nothing{ours}, nil
}
func (lonely) Close() error { return nil }

// nothing is a connection that nothing comes from.
type nothing struct{ net.Conn }

func (nothing) Read([]byte) (int, error) { return 0, io.EOF }

// Whatever a client says ends, is answered with a bounded number of bytes, and
// nothing panics; what it does stays below its root.
func FuzzSession(f *testing.F) {
	for _, s := range []string{
		"FEAT\r\nQUIT\r\n", "PASV\r\nLIST -la *\r\n", "EPSV\r\nSTOR x\r\nEPSV\r\nRETR x\r\n", "MKD a\r\nCWD a\r\nMKD \"\r\nPWD\r\n", "CWD away\r\nSIZE away/../x\r\n",
		"PORT 1,2,3,4,5,6\r\nEPRT |2|::1|7|\r\nLIST\r\n", "SITE CHMOD 777 notes.txt\r\nSITE UMASK 7\r\n", "MDTM 20200101000000 notes.txt\r\n", "EPSV\r\nSTOU\r\nEPSV\r\nSTOU\r\n",
		"RNFR docs\r\nRNTO docs/in\r\n", "STAT {a,b}*\r\n", "TYPE I\r\nREST 5\r\nEPSV\r\nRETR notes.txt\r\n", "\xff\xf4\xff\xf2ABOR\r\n", "USER a\r\nPASS b\r\n",
	} {
		f.Add([]byte(s))
	}
	setup := servicetest.Setup(f, quick(service.Config{"chroot_local_user": true}))
	setup.Clock = hasty{}
	setup.Listen = func(context.Context, *service.Session, uint16) (net.Listener, error) { return lonely{}, nil }
	peer := netip.MustParseAddrPort("203.0.113.9:40000")
	f.Fuzz(func(t *testing.T, said []byte) {
		m := newTiny()
		s, err := Kind(m).New(setup)
		if err != nil {
			t.Fatal(err)
		}
		before := names(t, m)
		text := append([]byte("USER anna\r\nPASS "+secret+"\r\n"), said...)
		c := &spoken{in: bytes.NewReader(text)}
		s.Serve(t.Context(), c, service.NewSession(&servicetest.Sink{}, hasty{}, "d", "ftp", peer, peer))
		if most := 4096 * (bytes.Count(text, []byte("\n")) + 2); c.out > most {
			t.Errorf("%d bytes are answered with %d", len(text), c.out)
		}
		if after := names(t, m); after != before {
			t.Errorf("outside of the root there is now %s, before %s", after, before)
		}
	})
}

// names lists what is outside of the home.
func names(t *testing.T, m tiny) string {
	t.Helper()
	root := m.files.As(vfs.Cred{})
	var out []string
	for _, dir := range []string{"/", "/home", "/etc", "/root"} {
		entries, err := root.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			out = append(out, dir+"/"+e.Name)
		}
	}
	return strings.Join(out, " ")
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("RETR a b\r"))
	f.Add([]byte(" "))
	f.Add([]byte("a\x00b c\x00\r\r"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		l := parse(raw)
		if strings.ContainsRune(l.verb, 0) || strings.ContainsRune(l.arg, 0) || len(l.verb)+len(l.arg) > len(raw) {
			t.Errorf("%q becomes %q and %q", raw, l.verb, l.arg)
		}
		if l.verb != upper(l.verb) || l.verb != " " && strings.Contains(l.verb, " ") {
			t.Errorf("%q has the verb %q", raw, l.verb)
		}
	})
}

// A pattern costs what its bound says, and a name without its signs is taken for
// itself alone.
func FuzzMatches(f *testing.F) {
	f.Add("abab", "*ab")
	f.Add("a.txt", "{a,b}.txt")
	f.Add("{x", "{x")
	f.Add("aaaaaaaa", "{a,b}{a,b}{a,b}{a,b}{a,b}*")
	f.Fuzz(func(t *testing.T, name, pattern string) {
		tries := 0
		got := matches(name, pattern, &tries)
		if tries > maxTries {
			t.Errorf("%d tries", tries)
		}
		if !strings.ContainsAny(pattern, "*?{") && pattern != "" && got != (name == pattern) {
			t.Errorf("%q matches %q: %t", pattern, name, got)
		}
	})
}

func FuzzAddresses(f *testing.F) {
	f.Add("127,0,0,1,200,1")
	f.Add("|2|::1|40000|")
	f.Add("|1|1.2.3.4|+5|")
	f.Fuzz(func(t *testing.T, arg string) {
		if at, ok := hostPort(arg); ok && !at.Addr().Is4() {
			t.Errorf("PORT %q is %v", arg, at)
		}
		if at, why := extendedHostPort(arg); why == "" && !at.IsValid() {
			t.Errorf("EPRT %q is %v", arg, at)
		}
		if _, name, ok := timed(arg, time.UTC); ok && !strings.HasSuffix(arg, " "+name) {
			t.Errorf("MDTM %q is about %q", arg, name)
		}
	})
}

func TestNumbersAreThoseOfC(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "7": 7, " +7x": 7, "-7": -7, "-+7": 0, "+-7": 0, "x": 0, "99999999999999999999": 1<<31 - 1, "007": 7, "1 2": 1,
	} {
		if got := leadingNumber(text); got != want {
			t.Errorf("%q is %d, want %d", text, got, want)
		}
	}
}

func TestPatternsAreVsftpds(t *testing.T) {
	for _, tt := range []struct {
		name, pattern string
		want          bool
	}{
		{"abc", "abc", true}, {"abc", "ab", false}, {"abc", "ab*", true}, {"abc", "*c", true}, {"abc", "a?c", true}, {"ac", "a?c", false},
		{"abab", "*ab", false}, // what follows a star is looked for once
		{"abab", "*ab*", true}, {"a.txt", "{a,b}.txt", true}, {"c.txt", "{a,b}.txt", false}, {"{x", "{x", true}, {"x", "{x", false},
		{"ab", "a{,b}", false}, {"x", "?", true}, {"", "*", true},
	} {
		tries := 0
		if got := matches(tt.name, tt.pattern, &tries); got != tt.want {
			t.Errorf("%q with %q: %t", tt.name, tt.pattern, got)
		}
	}
}
