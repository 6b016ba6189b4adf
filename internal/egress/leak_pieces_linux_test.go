package egress

import (
	"bufio"
	"net"
	"net/http"
	"testing"
)

// A program that is not known and changes between addresses of this machine is one.
func TestPiecesFromSeveralLoopbackAddresses(t *testing.T) {
	secret := fake(t)
	w, _ := inspected(t, leakPolicy)
	from := func(host string) *raw {
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(host)}}
		c, err := d.Dial("tcp", w.addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		return &raw{t, w, c, bufio.NewReader(c)}
	}
	if got := from("127.0.0.1").say(plainRequest("POST /a|one " + secret[:9])).answer("POST"); got.StatusCode != http.StatusOK {
		t.Fatalf("the first piece: %s", got.Status)
	}
	if got := from("127.0.0.9").say(plainRequest("POST /b|" + secret[9:] + " two")).answer("POST"); got.StatusCode != http.StatusForbidden {
		t.Errorf("the second piece: %s", got.Status)
	}
}
