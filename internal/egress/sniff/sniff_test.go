package sniff

import (
	"crypto/tls"
	"encoding/binary"
	"net"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// hello is the ClientHello that Go sends.
func hello(t testing.TB, c *tls.Config) []byte {
	t.Helper()
	near, far := net.Pipe()
	defer func() { _ = far.Close() }()
	go func() {
		_ = tls.Client(near, c).Handshake() // fails: nobody answers
		_ = near.Close()
	}()
	b := make([]byte, 64<<10)
	n, err := far.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return b[:n]
}

// split puts a handshake message into records of that size.
func split(record []byte, size int) (out []byte) {
	for part := range slices.Chunk(record[5:], size) {
		out = append(out, 22, 3, 1, byte(len(part)>>8), byte(len(part)))
		out = append(out, part...)
	}
	return out
}

// pgPacket is a PostgreSQL packet without a type: its length, a code, the rest.
func pgPacket(code uint32, rest string) string {
	b := binary.BigEndian.AppendUint32(nil, uint32(8+len(rest)))
	return string(binary.BigEndian.AppendUint32(b, code)) + rest
}

func mongoMessage(op uint32) string {
	b := binary.LittleEndian.AppendUint32(nil, 21)
	b = binary.LittleEndian.AppendUint32(b, 7)
	b = binary.LittleEndian.AppendUint32(b, 0)
	b = binary.LittleEndian.AppendUint32(b, op)
	return string(b) + "\x00\x00\x00\x00\x00"
}

const query = "\x00\x1d\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07example\x03com\x00\x00\x01\x00\x01"

func TestClientsAreKnownByTheirFirstBytes(t *testing.T) {
	tlsTo := func(name string, alpn ...string) string {
		return string(hello(t, &tls.Config{ServerName: name, NextProtos: alpn, InsecureSkipVerify: true}))
	}
	tlsGuess := func(name string, alpn ...string) Guess {
		return Guess{Protocol: policy.TLS, TLS: true, Host: name, ALPN: alpn}
	}
	tests := map[string]struct {
		b    string
		want Guess
		v    Verdict
	}{
		"TLS":                         {tlsTo("a.example"), tlsGuess("a.example"), Known},
		"TLS with protocols":          {tlsTo("a.example", "h2", "http/1.1"), tlsGuess("a.example", "h2", "http/1.1"), Known},
		"TLS without a name":          {tlsTo("192.0.2.1"), tlsGuess(""), Known},
		"TLS in small records":        {string(split([]byte(tlsTo("a.example")), 7)), tlsGuess("a.example"), Known},
		"TLS that is no hello":        {"\x16\x03\x01\x00\x04\x02\x00\x00\x00", Guess{Protocol: policy.TLS, TLS: true}, Broken},
		"TLS with an empty record":    {"\x16\x03\x01\x00\x00\x16\x03\x01", Guess{Protocol: policy.TLS, TLS: true}, Broken},
		"TLS and then something else": {"\x16\x03\x01\x00\x01\x01GET / HTTP/1.1", Guess{Protocol: policy.TLS, TLS: true}, Broken},
		"a hello without end":         {"\x16\x03\x01\x40\x00\x01\xff\xff\xff", Guess{Protocol: policy.TLS, TLS: true}, Broken},

		"TLS behind a warning":        {"\x15\x03\x01\x00\x02\x01\x64" + tlsTo("a.example"), Guess{Protocol: policy.TLS, TLS: true}, Broken},
		"TLS of version 0":            {"\x16\x00\x00\x00\x40\x01\x00\x00\x3c\x03\x03", Guess{Protocol: policy.TLS, TLS: true}, Broken},
		"TLS behind an empty record":  {"\x17\x03\x03\x00\x00\x16\x03\x01", Guess{Protocol: policy.TLS, TLS: true}, Broken},
		"TLS in the hello of SSL 2.0": {"\x80\x2e\x01\x03\x03\x00\x15\x00\x00\x00\x10", Guess{Protocol: policy.TLS, TLS: true}, Broken},
		"a telnet client":             {"\xff\xfd\x01", Guess{}, Unknown},
		"Thrift":                      {"\x80\x01\x00\x01\x00", Guess{}, Unknown},
		"a byte of 21 and text":       {"\x15hello", Guess{}, Unknown},

		"HTTP":                          {"GET / HTTP/1.1\r\nHost: a\r\n", Guess{Protocol: policy.HTTP}, Known},
		"HTTP, absolute":                {"GET http://a/ HTTP/1.1\r\n", Guess{Protocol: policy.HTTP}, Known},
		"HTTP behind empty lines":       {"\r\n\r\nGET / HTTP/1.1\r\n", Guess{Protocol: policy.HTTP}, Known},
		"HTTP with tabs":                {"GET\t/\tHTTP/1.1\r\n", Guess{Protocol: policy.HTTP}, Known},
		"HTTP in lower case":            {"get / http/1.1\r\n", Guess{Protocol: policy.HTTP}, Known},
		"HTTP/0.9":                      {"GET /\r\n", Guess{Protocol: policy.HTTP}, Known},
		"an unusual method":             {"M-SEARCH * HTTP/1.1\r\n", Guess{Protocol: policy.HTTP}, Known},
		"a method of odd characters":    {"!x / HTTP/1.1\r\n", Guess{Protocol: policy.HTTP}, Known},
		"CONNECT inside":                {"CONNECT b.example:443 HTTP/1.1\r\n", Guess{Protocol: policy.HTTP}, Known},
		"HTTP/2 without TLS":            {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Guess{Protocol: policy.HTTP, HTTP2: true}, Known},
		"SSH":                           {"SSH-2.0-OpenSSH_9.2\r\n", Guess{Protocol: policy.SSH}, Known},
		"SMTP":                          {"EHLO me.example\r\n", Guess{Protocol: policy.SMTP}, Known},
		"Redis":                         {"*1\r\n$4\r\nPING\r\n", Guess{Protocol: policy.Redis}, Known},
		"PostgreSQL, asking for TLS":    {pgPacket(pgTLS, ""), Guess{Protocol: policy.Postgres, Asks: AskTLS}, Known},
		"PostgreSQL, asking for GSS":    {pgPacket(pgGSS, ""), Guess{Protocol: policy.Postgres, Asks: AskGSS}, Known},
		"PostgreSQL":                    {pgPacket(3<<16, "user\x00me\x00\x00"), Guess{Protocol: policy.Postgres}, Known},
		"PostgreSQL, cancelling":        {pgPacket(pgCancel, "12345678"), Guess{Protocol: policy.Postgres}, Known},
		"MongoDB":                       {mongoMessage(2013), Guess{Protocol: policy.MongoDB}, Known},
		"DNS":                           {query, Guess{Protocol: policy.DNS}, Known},
		"a word of Redis":               {"PING\r\n", Guess{}, Unknown},
		"GET of Redis":                  {"GET key\r\n", Guess{}, Unknown},
		"SOCKS5":                        {"\x05\x01\x00", Guess{}, Unknown},
		"a number of MongoDB's answers": {mongoMessage(1), Guess{}, Unknown},
		"bytes":                         {"\xff\xfe\xfd", Guess{}, Unknown},
		"bytes that speak of HTTP/":     {"\x80\x01\x02HTTP/1.1", Guess{}, Unknown},
		"a long word":                   {strings.Repeat("A", 100), Guess{}, More},
		"a long method":                 {strings.Repeat("A", 100) + " / HTTP/1.1\r\n", Guess{Protocol: policy.HTTP}, Known},
		"a method like another's word":  {"SSH-2.0-x / HTTP/1.1\r\n", Guess{Protocol: policy.HTTP}, Known},
		"a request of git":              {"0033git-upload-pack /a.git\x00host=b\x00", Guess{}, Unknown},
		"half a request of git":         {"0033git-upload-pack", Guess{}, More},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g, v := Client([]byte(tt.b))
			if v != tt.v || v != More && !reflect.DeepEqual(g, tt.want) {
				t.Errorf("%+v %d, want %+v %d", g, v, tt.want, tt.v)
			}
		})
	}
}

func TestADribbleIsWaitedFor(t *testing.T) {
	for name, b := range map[string]string{
		"TLS behind a warning": "\x15\x03\x01\x00\x02", "TLS of version 0": "\x16\x00\x00\x00\x40\x01", "SSL 2.0": "\x80\x2e\x01\x03\x03",
		"TLS": string(hello(t, &tls.Config{ServerName: "a.example"})), "PostgreSQL": pgPacket(pgTLS, ""),
		"HTTP": "\r\nDELETE / HTTP/1.1\r\n", "SSH": "SSH-2.0", "Redis": "*3\r\n$3\r\nSET", "HTTP/2": "PRI * HTTP/2.0", "SMTP": "EHLO a\r\n",
	} {
		want, _ := Client([]byte(b))
		for i := range len(b) {
			if g, v := Client([]byte(b[:i])); v != More && !reflect.DeepEqual(g, want) {
				t.Errorf("%s: %+v %d after %d bytes", name, g, v, i)
				break
			}
		}
	}
}

func TestAHelloThatNamesTwoHostsIsBroken(t *testing.T) {
	b := hello(t, &tls.Config{ServerName: "a.example"})
	name := "\x00\x00\x00\x0e\x00\x0c\x00\x00\x09a.example"
	if !strings.Contains(string(b), name) {
		t.Fatal("Go writes its hello otherwise now")
	}
	twice := strings.Replace(string(b), name, name+name, 1)
	grown := []byte(twice)
	grow := func(at, width int) {
		n := len(name)
		for i := at + width - 1; i >= at; i-- {
			n += int(grown[i])
			grown[i] = byte(n)
			n >>= 8
		}
	}
	grow(3, 2)
	grow(6, 3)
	ext := 5 + 4 + 34
	ext += 1 + int(grown[ext])
	ext += 2 + int(grown[ext])<<8 + int(grown[ext+1])
	ext += 1 + int(grown[ext])
	grow(ext, 2)
	if _, v := Client(grown); v != Broken {
		t.Errorf("two names: %d", v)
	}
}

func TestServersThatSpeakFirst(t *testing.T) {
	for name, tt := range map[string]struct {
		b    string
		port uint16
		want policy.Protocol
		v    Verdict
	}{
		"SSH":                           {"SSH-2.0-x\r\n", 22, policy.SSH, Known},
		"SMTP":                          {"220 mx.example ESMTP\r\n", 2626, policy.SMTP, Known},
		"SMTP by port":                  {"220 mx.example\r\n", 25, policy.SMTP, Known},
		"FTP":                           {"220 (vsFTPd 3.0.3)\r\n", 21, "", Unknown},
		"MySQL":                         {"\x4a\x00\x00\x00\x0a8.0.36\x00", 3306, policy.MySQL, Known},
		"MySQL refusing":                {"\x40\x00\x00\x00\xff\x6a\x04Host", 3306, policy.MySQL, Known},
		"IMAP":                          {"* OK ready\r\n", 143, "", Unknown},
		"half a MySQL":                  {"\x4a\x00\x00", 3306, policy.MySQL, More},
		"HTTP/2":                        {"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64", 80, policy.HTTP, Known},
		"half an HTTP/2":                {"\x00\x00", 80, policy.HTTP, More},
		"an answer to settings":         {"\x00\x00\x00\x04\x01\x00\x00\x00\x00", 80, "", Unknown},
		"a frame of a stream of HTTP/2": {"\x00\x00\x06\x04\x00\x00\x00\x00\x01", 80, "", Unknown},
		"settings of another size":      {"\x00\x00\x07\x04\x00\x00\x00\x00\x00", 80, "", Unknown},
	} {
		if g, v := Server([]byte(tt.b), tt.port); v != tt.v || g.Protocol != tt.want {
			t.Errorf("%s: %+v %d", name, g, v)
		}
	}
}

func TestMySQLClientsAskForTLSOrNot(t *testing.T) {
	for name, tt := range map[string]struct {
		b   string
		tls bool
		v   Verdict
	}{
		"TLS":         {"\x20\x00\x00\x01\x05\xae\xff\x19", true, Known},
		"plain":       {"\x54\x00\x00\x01\x05\xa6\xff\x19", false, Known},
		"cut off":     {"\x20\x00\x00\x01", false, More},
		"not packet1": {"\x20\x00\x00\x03\x05\xae\xff\x19", false, Broken},
	} {
		if tls, v := MySQLClient([]byte(tt.b)); tls != tt.tls || v != tt.v {
			t.Errorf("%s: %t %d", name, tls, v)
		}
	}
}

// Nothing panics, and what is known stays known when more comes.
func FuzzClient(f *testing.F) {
	f.Add(hello(f, &tls.Config{ServerName: "a.example"}))
	f.Add([]byte("GET / HTTP/1.1\r\n"))
	f.Add([]byte(pgPacket(pgTLS, "")))
	f.Add([]byte(mongoMessage(2013)))
	f.Add([]byte(query))
	f.Fuzz(func(t *testing.T, b []byte) {
		g, v := Client(b)
		if v != Known || !g.TLS {
			return
		}
		if again, v := Client(append(slices.Clone(b), "tail"...)); v != Known || again.Host != g.Host {
			t.Errorf("%+v became %+v %d", g, again, v)
		}
	})
}

func FuzzServer(f *testing.F) {
	f.Add([]byte("220 mx ESMTP\r\n"), uint16(25))
	f.Add([]byte("\x4a\x00\x00\x00\x0a8.0.36\x00"), uint16(3306))
	f.Fuzz(func(t *testing.T, b []byte, port uint16) {
		if g, v := Server(b, port); v == Known && g.Protocol == "" {
			t.Error("known, and not what")
		}
		MySQLClient(b)
	})
}
