package egress

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// A secret in two pieces is found when the second is sent, whichever connections
// they take.
func TestASecretDoesNotLeaveInPieces(t *testing.T) {
	secret := fake(t)
	for name, tt := range map[string]struct {
		first, second string // requests
	}{
		"two bodies":         {"POST /a|one " + secret[:9], "POST /b|" + secret[9:] + " two"},
		"two queries":        {"GET /a?x=" + secret[:10] + "|", "GET /b?y=" + secret[10:] + "|"},
		"a path and a body":  {"GET /" + secret[:8] + "|", `POST /|{"rest":"` + secret[8:] + `"}`},
		"the end goes first": {`POST /|{"rest":"` + secret[8:] + `"}`, "GET /x/" + secret[:8] + "|"},
	} {
		for _, same := range []bool{true, false} {
			t.Run(name+map[bool]string{true: ", one connection", false: ", two connections"}[same], func(t *testing.T) {
				w, box := inspected(t, leakPolicy)
				c := w.connect()
				if got := c.say(plainRequest(tt.first)).answer("POST"); got.StatusCode != http.StatusOK {
					t.Fatalf("the first piece: %s", got.Status)
				} else if _, err := io.Copy(io.Discard, got.Body); err != nil {
					t.Fatal(err)
				}
				if !same {
					c = w.connect()
				}
				if got := c.say(plainRequest(tt.second)).answer("POST"); got.StatusCode != http.StatusForbidden {
					t.Errorf("the second piece: %s", got.Status)
				}
				_, second, _ := strings.Cut(tt.second, "|")
				if second != "" && strings.Contains(box.all(), second) {
					t.Error("the origin got the second piece")
				}
				d := w.decisions()
				last := d[len(d)-1]
				if last.Decision.Reason != policy.ReasonLeak || len(last.Findings) != 1 || !strings.HasSuffix(last.Findings[0].Where, " and an earlier message") {
					t.Errorf("%+v", last)
				}
			})
		}
	}
}

// plainRequest makes a request of "METHOD /path|body".
func plainRequest(text string) string {
	line, body, _ := strings.Cut(text, "|")
	method, path, _ := strings.Cut(line, " ")
	head := method + " http://api.example" + path + " HTTP/1.1\r\nHost: api.example\r\n"
	if body == "" {
		return head + "\r\n"
	}
	return head + "Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
}
