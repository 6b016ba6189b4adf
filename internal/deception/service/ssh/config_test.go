package ssh

import (
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/servicetest"
)

func TestStartups(t *testing.T) {
	s, err := parseStartups("10:30:100")
	if err != nil {
		t.Fatal(err)
	}
	at := func(n int) func(int) int { return func(int) int { return n } }
	for _, tt := range []struct {
		n, draw int
		want    bool
	}{{9, 0, false}, {10, 29, true}, {10, 30, false}, {55, 64, true}, {55, 65, false}, {100, 99, true}} {
		if got := s.drops(tt.n, at(tt.draw)); got != tt.want {
			t.Errorf("%d log in, %d is drawn: %t", tt.n, tt.draw, got)
		}
	}
}

func TestBadConfigurationsAreNamed(t *testing.T) {
	for key, value := range map[string]any{
		"methods": []string{"hope"}, "forwarding": "yes", "patch": 99, "max_auth_tries": 0, "max_sessions": -1, "max_startups": "many",
		"accept": map[string]any{"rate": 2}, "login_grace_time": "0s",
	} {
		if _, err := Kind(nil).New(servicetest.Setup(t, service.Config{key: value})); err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("%s: error %v", key, err)
		}
	}
}
