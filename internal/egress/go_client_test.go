//go:build servers

package egress

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// goClient is set for the program of TestAGoProgram: this one, once more.
const goClient = "CORDON_TEST_GO_CLIENT"

// askAround is a Go program that knows the gateway from its environment.
func askAround() {
	get := func(url string) string {
		res, err := http.Get(url)
		if err != nil {
			return "tunnel: " + err.Error()
		}
		defer func() { _ = res.Body.Close() }() // read to its end
		body, err := io.ReadAll(res.Body)
		if err != nil {
			return err.Error()
		}
		if res.StatusCode != http.StatusOK {
			return fmt.Sprint(res.StatusCode, " ", res.Header.Get("X-Cordon-Decision"), " ", string(body))
		}
		return string(body)
	}
	fmt.Println(get("http://ok.example/?size=3"), get("https://ok.example/?size=4"))
	fmt.Println(get("http://evil.example/"))
	fmt.Println(get("https://evil.example/"))
}

func TestAGoProgram(t *testing.T) {
	if os.Getenv(goClient) != "" {
		askAround()
		http.DefaultClient.CloseIdleConnections()
		return
	}
	w, ca := secure(t)
	out, content := w.runs(t, []string{goClient + "=1", "SSL_CERT_FILE=" + ca}, os.Args[0], "-test.run=^TestAGoProgram$")
	for _, want := range []string{"xxx xxxx\n", "403 deny ", `"reason":"default_policy"`, "tunnel: "} {
		if !content || !strings.Contains(out, want) {
			t.Errorf("content=%t, it did not print %q:\n%s", content, want, out)
		}
	}
	if n := w.gw.Stats().Denied[policy.ReasonDefaultPolicy]; n != 2 {
		t.Errorf("%d denials", n)
	}
}
