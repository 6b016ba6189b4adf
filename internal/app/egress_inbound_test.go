package app

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"golang.org/x/net/websocket"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/internal/config"
	"go.cordon.dev/cordon/internal/testport"
)

func TestAWebSocketFromOutsideReachesItsProgram(t *testing.T) {
	program := httptest.NewServer(websocket.Server{Handler: func(c *websocket.Conn) { _, _ = io.Copy(c, c) }})
	t.Cleanup(program.Close)
	token, err := detect.ExpandExample("{{alnum:32}}")
	if err != nil {
		t.Fatal(err)
	}
	hash := sha256.Sum256([]byte(token))
	t.Setenv("DOOR_TOKEN", "sha256:"+hex.EncodeToString(hash[:]))
	door := testport.Addr(t)
	g := &guarded{house: newHouse(t, strings.TrimSuffix(egressSection, "}\n")+", inbound: [{listen: \""+door+"\", to: \""+program.Listener.Addr().String()+"\", tokens: [{subject: desk, token: \"env:DOOR_TOKEN\"}]}]}\n")}
	g.write("websockets: {inbound: {allowed_origins: ['https://app.example.com']}}\n")
	g.cli = g.start()
	open := func(bearer string) (*websocket.Conn, error) {
		c, err := websocket.NewConfig("ws://"+door+"/room", "https://app.example.com")
		if err != nil {
			t.Fatal(err)
		}
		c.Header = http.Header{"Authorization": {"Bearer " + bearer}}
		return websocket.DialConfig(c)
	}
	if c, err := open("somebody-else"); err == nil {
		_ = c.Close()
		t.Error("a stranger came in")
	}
	c, err := open(token)
	if err != nil {
		t.Fatal(err)
	}
	back := make([]byte, 5)
	if _, err = io.WriteString(c, "hello"); err == nil {
		_, err = io.ReadFull(c, back)
	}
	if err != nil || string(back) != "hello" {
		t.Errorf("%q, %v", back, err)
	}
	_ = c.Close()
	d := g.decisions(2)
	if d[1].Decision != "deny" || d[1].Reason != "authentication_required" || d[0].Decision != "allow" || d[0].Protocol != "ws" {
		t.Errorf("%+v", d)
	}
}

func TestATokenIsReadOrRefused(t *testing.T) {
	for text, want := range map[string]string{
		"long enough to be a token": "", "sha256:" + strings.Repeat("0a", 32): "",
		"brief": "shorter than 16", "sha256:0a": "64 digits of hex",
	} {
		t.Setenv("DOOR_TOKEN", text)
		_, err := inboundToken(config.EgressToken{Subject: "desk", Token: config.SecretRef("env:DOOR_TOKEN")})
		if (err == nil) != (want == "") || err != nil && (!strings.Contains(err.Error(), want) || strings.Contains(err.Error(), text)) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
