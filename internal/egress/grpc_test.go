package egress

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/zstd"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress/dlp"
)

// rpc is a message of gRPC, with its prefix.
func rpc(flags byte, text string) string {
	return string(binary.BigEndian.AppendUint32([]byte{flags}, uint32(len(text)))) + text
}

// field is a string of a protocol buffer.
func field(text string) string { return "\x0a" + string(rune(len(text))) + text }

// heap is a buffer that an origin writes to while a test reads.
type heap struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (h *heap) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.b.Write(p)
}

func (h *heap) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.b.String()
}

// answersCalls is an origin of gRPC that says back each message it gets, as it comes.
func answersCalls(v *veiled, got io.Writer) {
	v.serve("api.example", "203.0.113.9", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/grpc")
		if r.URL.Path == "/none" {
			w.Header().Set("Grpc-Status", "5") // a head alone
			return
		}
		w.Header().Set("Trailer", "Grpc-Status")
		flush := http.NewResponseController(w).Flush
		_ = flush()
		for {
			prefix := make([]byte, 5)
			if _, err := io.ReadFull(r.Body, prefix); err != nil {
				break
			}
			text := make([]byte, binary.BigEndian.Uint32(prefix[1:]))
			n, err := io.ReadFull(r.Body, text)
			_, _ = got.Write(text[:n])
			if err != nil {
				return
			}
			_, _ = w.Write(append(prefix, text...))
			_ = flush()
		}
		w.Header().Set("Grpc-Status", "0")
	}), nil)
}

func (v *veiled) call(path, encoding string, body io.Reader) *http.Response {
	v.t.Helper()
	r, err := http.NewRequest("POST", "https://api.example"+path, body)
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header = http.Header{"Content-Type": {"application/grpc+proto"}, "Te": {"trailers"}}
	if encoding != "" {
		r.Header.Set("Grpc-Encoding", encoding)
	}
	got, err := v.browser(true).Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	return got
}

func zstdOf(t *testing.T, text string) string {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Close() }()
	return string(w.EncodeAll([]byte(text), nil))
}

func TestASecretDoesNotLeaveInACall(t *testing.T) {
	secret := fake(t)
	for name, tt := range map[string]struct {
		body, encoding string
		why            policy.Reason
	}{
		"in a message":               {rpc(0, field(secret)), "", policy.ReasonLeak},
		"in the second message":      {rpc(0, field("hello")) + rpc(0, field(secret)), "", policy.ReasonLeak},
		"in a message of gzip":       {rpc(1, zipped(t, field(strings.Repeat("x", 200)+" "+secret))), "gzip", policy.ReasonLeak},
		"over two members of gzip":   {rpc(1, zipped(t, "a word and "+secret[:9])+zipped(t, secret[9:]+" and more")), "gzip", policy.ReasonLeak},
		"in a message of zstd":       {rpc(1, zstdOf(t, field(secret))), "zstd", policy.ReasonLeak},
		"in a message cut short":     {rpc(0, field(secret))[:20+7], "", policy.ReasonLeak},
		"in what is no message":      {"secret: " + secret + "\n", "", policy.ReasonLeak},
		"compressed by nobody knows": {rpc(1, field("x")), "snappy", policy.ReasonNotScanned},
		"compressed, not said how":   {rpc(1, field("x")), "", policy.ReasonNotScanned},
	} {
		for cut, read := range map[string]func(io.Reader) io.Reader{"": func(r io.Reader) io.Reader { return r }, ", byte by byte": iotest.OneByteReader} {
			t.Run(name+cut, func(t *testing.T) {
				v := unveil(t, lookIntoAPI)
				var got heap
				answersCalls(v, &got)
				res := v.call("/talk", tt.encoding, read(strings.NewReader(tt.body)))
				_, err := io.ReadAll(res.Body)
				_ = res.Body.Close()
				if status := res.Header.Get("Grpc-Status"); status != "7" && err == nil { // told, or reset when an answer had begun
					t.Errorf("status %q, %v", status, err)
				}
				eventually(t, "the denial", func() bool { return slices.Contains(v.reasons(), string(tt.why)) })
				v.stop()
				<-v.done
				if strings.Contains(got.String(), secret[:8]) {
					t.Errorf("the origin got %q", got.String())
				}
			})
		}
	}
}

func TestADeniedCallIsTold(t *testing.T) {
	v := unveil(t, "mode: strict\nallowlist: {rules: [{id: api, host: api.example, paths: [/pkg.Good], intercept_tls: true}]}\n")
	res := v.call("/pkg.Bad/Do", "", strings.NewReader(rpc(0, field("x"))))
	text, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if res.StatusCode != 200 || len(text) > 0 || err != nil || res.Header.Get("Grpc-Status") != "7" || res.Header.Get("Content-Type") != "application/grpc" ||
		!strings.Contains(res.Header.Get("Grpc-Message"), "rule%20api%20is%20for%20api.example:443%20but%20for%20other%20paths") {
		t.Errorf("%s %v %q %v", res.Status, res.Header, text, err)
	}
}

// A call that talks both ways: each message comes back before the next one is sent.
func TestACallGoesBothWaysMessageByMessage(t *testing.T) {
	v := unveil(t, lookIntoAPI)
	var got heap
	answersCalls(v, &got)
	body, say := io.Pipe()
	res := v.call("/talk", "", body)
	for _, text := range []string{"one", "", strings.Repeat("many words and then some more ", 40_000), "end"} {
		go func() { _, _ = io.WriteString(say, rpc(0, text)) }()
		heard := make([]byte, 5+len(text))
		if _, err := io.ReadFull(res.Body, heard); err != nil || string(heard) != rpc(0, text) {
			t.Fatalf("%d bytes: %v", len(text), err)
		}
	}
	_ = say.Close()
	if rest, err := io.ReadAll(res.Body); len(rest) > 0 || err != nil || res.Trailer.Get("Grpc-Status") != "0" {
		t.Errorf("%q, %v, %v", rest, res.Trailer, err)
	}
	_ = res.Body.Close()
}

// An answer of gRPC that is a head alone stays one: some clients take no other.
func TestAHeadAloneStaysOne(t *testing.T) {
	v := unveil(t, lookIntoAPI)
	answersCalls(v, io.Discard)
	f := v.frames()
	f.request(1, false, ":method", "POST", ":scheme", "https", ":authority", "api.example", ":path", "/none", "content-type", "application/grpc", "te", "trailers")
	_ = f.WriteData(1, true, []byte(rpc(0, "x")))
	for {
		got, err := f.ReadFrame()
		if err != nil {
			t.Fatal(err)
		}
		if h := got.Header(); h.StreamID == 1 && h.Type == 1 {
			if h.Flags&1 == 0 {
				t.Error("the head does not end the stream")
			}
			break
		}
	}
	_ = f.c.Close()
}

// A message that is longer than an inspector holds is for the policy to say.
func TestALongMessageIsForThePolicyToSay(t *testing.T) {
	scanner, err := builtin()
	if err != nil {
		t.Fatal(err)
	}
	i, err := dlp.New(dlp.Options{Scanner: scanner, Limits: dlp.Limits{Whole: 10_000}})
	if err != nil {
		t.Fatal(err)
	}
	long := rpc(0, strings.Repeat("a word ", 3_000))
	for _, pass := range []bool{true, false} {
		var out bytes.Buffer
		var why []string
		m := newMessages(i.Message(""), &out, "", func(v dlp.Verdict) bool { why = append(why, v.Unseen); return pass })
		_, err := io.WriteString(m, long)
		err = errors.Join(err, m.Close())
		if pass && (err != nil || out.String() != long) || !pass && (!errors.Is(err, dlp.ErrRefused) || out.Len() > 0) || len(why) != 1 || why[0] == "" {
			t.Errorf("pass %t: %v, %d bytes, %q", pass, err, out.Len(), why)
		}
	}
	if i.Held() != 0 {
		t.Errorf("%d bytes are held", i.Held())
	}
}

// Whatever comes, cut anywhere, goes out as it came when nobody objects.
func FuzzMessages(f *testing.F) {
	scanner, err := builtin()
	if err != nil {
		f.Fatal(err)
	}
	i, err := dlp.New(dlp.Options{Scanner: scanner, Limits: dlp.Limits{Whole: 4_000}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(rpc(0, "hello")+rpc(1, "x")+rpc(0, "")), uint8(3), "gzip")
	f.Add([]byte(rpc(0x80, "grpc-status: 0\r\n")+"\x02rest"), uint8(1), "")
	f.Add([]byte("\x00\xff\xff\xff\xffshort"), uint8(200), "snappy")
	f.Fuzz(func(t *testing.T, body []byte, size uint8, encoding string) {
		var out bytes.Buffer
		m := newMessages(i.Message(""), &out, encoding, func(dlp.Verdict) bool { return true })
		for rest := body; len(rest) > 0; {
			n := min(len(rest), int(size)+1)
			if _, err := m.Write(rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if err := m.Close(); err != nil || !bytes.Equal(out.Bytes(), body) {
			t.Error(fmt.Errorf("%q became %q: %w", body, out.Bytes(), err))
		}
		if i.Held() != 0 {
			t.Errorf("%d bytes are held", i.Held())
		}
	})
}
