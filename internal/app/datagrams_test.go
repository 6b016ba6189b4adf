package app

import (
	"bytes"
	"encoding/json"
	"net"
	"path/filepath"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
)

// A webhook of syslog by UDP is delivered by the server as it is put together.
func TestAWebhookTravelsByDatagram(t *testing.T) {
	l, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	h := newHouse(t, `notify: {webhooks: [{id: collector, url: "syslog+udp://`+l.LocalAddr().String()+`", format: syslog, topics: ["leak.>"], allow_private: true}]}
`)
	h.start()
	res, err := client.OverSocket(filepath.Join(h.data, socketName)).Post(client.LocalURL+"/api/v1/webhooks/collector/test", "application/json", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var told struct {
		OK       bool
		Delivery api.Delivery
	}
	if err := json.NewDecoder(res.Body).Decode(&told); err != nil || !told.OK {
		t.Fatalf("the test delivery: %d, %+v, %v", res.StatusCode, told, err)
	}
	buf := make([]byte, 64<<10)
	_ = l.SetReadDeadline(time.Now().Add(30 * time.Second)) // it has been sent
	n, _, err := l.ReadFrom(buf)
	if err != nil || !bytes.Contains(buf[:n], []byte("cordon")) {
		t.Errorf("it brings %q, %v", buf[:n], err)
	}
}
