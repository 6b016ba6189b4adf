package egress

import (
	"net/http"
	"strings"
	"testing"
)

func TestAnUpgradeThatIsNotPassedOnStandsInTheRecord(t *testing.T) {
	for offered, want := range map[string]string{
		"h2c":                "the offer to go on with h2c is not passed on",
		"H2C":                "the offer to go on with h2c is not passed on",
		"TLS/1.3":            "the offer to go on with TLS/1.3 is not passed on",
		"some-secret-string": "the offer to go on with another protocol is not passed on",
		"":                   "",
	} {
		w := newFriendly(t)
		fields := ""
		if offered != "" {
			fields = "Connection: Upgrade\r\nUpgrade: " + offered + "\r\n"
		}
		got := w.connect().say("GET http://ok.example/ HTTP/1.1\r\nHost: ok.example\r\n" + fields + "\r\n").answer("GET")
		d := w.decisions()
		if got.StatusCode != http.StatusOK || len(d) != 1 || !strings.HasSuffix(d[0].Decision.Detail, want) || want == "" && strings.Contains(d[0].Decision.Detail, "offer") {
			t.Errorf("%q: %s, %+v", offered, got.Status, d)
		}
	}
}
