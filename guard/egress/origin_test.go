package egress_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.cordon.dev/cordon/guard/egress"
)

const door = "websockets: {inbound: {allowed_origins: ['https://app.example.com', 'http://localhost:3000'], require_authentication: %}}\n"

func TestWebSocketsFromOutside(t *testing.T) {
	open, locked := strings.Replace(door, "%", "false", 1), strings.Replace(door, "%", "true", 1)
	cookie := func(r *http.Request) error {
		if r.Header.Get("Cookie") == "" {
			return errors.New("no cookie")
		}
		return nil
	}
	for _, tt := range []struct {
		name, doc string
		header    []string
		auth      func(*http.Request) error
		want      int
		reason    string
	}{
		{"no WebSocket", "mode: strict", nil, nil, 200, ""},
		{"no section", "mode: strict", []string{"Upgrade: websocket", "Origin: https://app.example.com"}, nil, 403, "inbound_disabled"},
		{"switched off", "websockets: {inbound: {enabled: false, allowed_origins: ['https://a.example']}}", []string{"Upgrade: websocket", "Origin: https://a.example"}, nil, 403, "inbound_disabled"},
		{"our page", open, []string{"Upgrade: websocket", "Origin: https://app.example.com"}, nil, 200, ""},
		{"our page, written otherwise", open, []string{"Upgrade: WebSocket", "Origin: HTTPS://App.Example.Com:443"}, nil, 200, ""},
		{"our page on a port", open, []string{"Upgrade: websocket", "Origin: http://localhost:3000"}, nil, 200, ""},
		{"another port", open, []string{"Upgrade: websocket", "Origin: http://localhost:3001"}, nil, 403, "origin_denied"},
		{"another scheme", open, []string{"Upgrade: websocket", "Origin: http://app.example.com"}, nil, 403, "origin_denied"},
		{"another page", open, []string{"Upgrade: websocket", "Origin: https://evil.example"}, nil, 403, "origin_denied"},
		{"a suffix", open, []string{"Upgrade: websocket", "Origin: https://app.example.com.evil.example"}, nil, 403, "origin_denied"},
		{"user info", open, []string{"Upgrade: websocket", "Origin: https://app.example.com@evil.example"}, nil, 403, "origin_denied"},
		{"a path", open, []string{"Upgrade: websocket", "Origin: https://app.example.com/"}, nil, 403, "origin_denied"},
		{"null", open, []string{"Upgrade: websocket", "Origin: null"}, nil, 403, "origin_denied"},
		{"no origin", open, []string{"Upgrade: websocket"}, nil, 403, "origin_denied"},
		{"two origins", open, []string{"Upgrade: websocket", "Origin: https://app.example.com", "Origin: https://evil.example"}, nil, 403, "origin_denied"},
		{"hidden upgrade", open, []string{"Upgrade: h2c, websocket", "Origin: https://evil.example"}, nil, 403, "origin_denied"},
		{"key without upgrade", open, []string{"Sec-WebSocket-Key: x", "Origin: https://evil.example"}, nil, 403, "origin_denied"},
		{"logged in", locked, []string{"Upgrade: websocket", "Origin: https://app.example.com", "Cookie: a=b"}, cookie, 200, ""},
		{"not logged in", locked, []string{"Upgrade: websocket", "Origin: https://app.example.com"}, cookie, 401, "authentication_required"},
		{"no login at all", locked, []string{"Upgrade: websocket", "Origin: https://app.example.com"}, nil, 401, "authentication_required"},
		{"audit", "mode: audit\n" + locked, []string{"Upgrade: websocket", "Origin: https://evil.example"}, nil, 200, ""},
		{"kill switch in audit", "mode: audit\nemergency: {kill_switch: true}\n" + open, []string{"Upgrade: websocket", "Origin: https://app.example.com"}, nil, 403, "kill_switch"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var told []egress.Decided
			g := newGuard(t, tt.doc, egress.Options{Observe: func(d egress.Decided) { told = append(told, d) }})
			r := httptest.NewRequest("GET", "/ws/7", nil)
			for _, line := range tt.header {
				key, value, _ := strings.Cut(line, ": ")
				r.Header.Add(key, value)
			}
			w := httptest.NewRecorder()
			g.WebSockets(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), tt.auth).ServeHTTP(w, r)
			if w.Code != tt.want || tt.reason != "" && (!strings.Contains(w.Body.String(), `"reason":"`+tt.reason+`"`) || w.Header().Get("X-Cordon-Decision") != "deny") {
				t.Errorf("%d %s", w.Code, w.Body)
			}
			if (len(told) == 1) != (tt.header != nil) || len(told) == 1 && (!told[0].Inbound || told[0].Request.Path != "/ws/7") {
				t.Errorf("told %+v", told)
			}
		})
	}
}
