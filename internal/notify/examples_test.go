package notify_test

import (
	"bufio"
	"encoding/base64"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/notify"
	"go.cordon.dev/cordon/internal/notify/notifytest"
)

// TestTheExamplesVerify runs the receivers that docs/webhooks.md shows and
// delivers to them. Go is there wherever this test is; the others run where
// their interpreters are.
func TestTheExamplesVerify(t *testing.T) {
	secret := "whsec_" + base64.StdEncoding.EncodeToString([]byte("no secret, but long enough: 32 b"))
	for language, interpreter := range map[string]string{"go": "go", "python": "python3", "js": "node"} {
		if _, err := exec.LookPath(interpreter); err != nil && language != "go" {
			t.Logf("%s is not here: its example is not run", interpreter)
			continue
		}
		t.Run(language, func(t *testing.T) {
			file := example(t, language)
			cmd := exec.Command(interpreter, file)
			if language == "go" {
				cmd = exec.Command(build(t, file))
			}
			url := "http://" + start(t, cmd, secret)
			if d := deliverTo(t, url, secret); d.State != notify.Delivered || d.LastStatus != http.StatusNoContent {
				t.Errorf("a delivery: %s, status %d, %s", d.State, d.LastStatus, d.LastError)
			}
			if d := deliverTo(t, url, "whsec_"+base64.StdEncoding.EncodeToString([]byte("another secret, long enough: 32b"))); d.LastStatus != http.StatusUnauthorized {
				t.Errorf("signed with another secret: %s, status %d", d.State, d.LastStatus)
			}
			refusesForgeries(t, url, secret)
		})
	}
}

// example writes the page's program of a language to a file.
func example(t *testing.T, language string) (file string) {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "webhooks.md"))
	if err != nil {
		t.Fatal(err)
	}
	code := regexp.MustCompile("(?s)```" + language + "\n(.*?)```").FindSubmatch(page)
	if code == nil {
		t.Fatalf("docs/webhooks.md has no example in %s", language)
	}
	file = filepath.Join(t.TempDir(), "receive."+language)
	if err := os.WriteFile(file, code[1], 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// start runs a receiver until the test ends and returns the address that it
// prints.
func start(t *testing.T, cmd *exec.Cmd, secret string) string {
	t.Helper()
	cmd.Env, cmd.Stderr = append(os.Environ(), "WEBHOOK_SECRET="+secret), os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the example says nothing: %v", err)
	}
	return strings.TrimSpace(line)
}

// build compiles a program, so that killing it kills it and not go run.
func build(t *testing.T, file string) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "receive")
	if out, err := exec.Command("go", "build", "-o", bin, file).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return bin
}

// deliverTo sends one event, signed, by the way of every delivery.
func deliverTo(t *testing.T, url, secret string) notify.Delivery {
	t.Helper()
	r, n := managed(t)
	s := notifytest.Subscription("soc", url)
	s.AllowPrivate = true
	s.SealedSecret, _ = sealer{'k'}.Seal([]byte(secret))
	r.store.Put(s)
	d, err := n.Test(t.Context(), "soc", ada("webhook.test"))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// refusesForgeries sends what was signed once with another body, and what was
// signed long ago.
func refusesForgeries(t *testing.T, url, secret string) {
	t.Helper()
	for what, tt := range map[string]struct {
		at   time.Time
		body string
		code int
	}{
		"as signed":   {time.Now(), "{}", http.StatusNoContent},
		"another":     {time.Now(), "[]", http.StatusUnauthorized},
		"an old one":  {time.Now().Add(-time.Hour), "{}", http.StatusUnauthorized},
		"from future": {time.Now().Add(time.Hour), "{}", http.StatusUnauthorized},
	} {
		signature, err := verifier(t, secret).Sign("msg_1", tt.at, []byte("{}"))
		if err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(tt.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Close = true
		req.Header.Set("webhook-id", "msg_1")
		req.Header.Set("webhook-timestamp", unix(tt.at))
		req.Header.Set("webhook-signature", "v1,bm90IHRoaXM= "+signature)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != tt.code {
			t.Errorf("%s: %d, want %d", what, resp.StatusCode, tt.code)
		}
	}
}
