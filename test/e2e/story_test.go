//go:build servers

package e2e

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"strings"
)

// planted is one secret on its way into the log, with every text form in which
// it must not come out again.
type planted struct {
	form  string
	plain string
	wire  string // as it stands in the message
}

const alnum = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

func random(r *rand.Rand, alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}

// githubToken makes a token with GitHub's checksum: six base-62 digits of the
// CRC-32 of the random part.
func githubToken(r *rand.Rand) string {
	body := random(r, alnum, 30)
	sum, digits := crc32.ChecksumIEEE([]byte(body)), ""
	for range 6 {
		digits = string(alnum[sum%62]) + digits
		sum /= 62
	}
	return "ghp" + "_" + body + digits
}

func awsKey(r *rand.Rand) string { return "AKIA" + random(r, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16) }

func stripeKey(r *rand.Rand) string { return "sk" + "_live_" + random(r, alnum, 24) }

// story is a log of BZZZ messages; every hundredth holds a secret, in one of
// six forms.
func story(r *rand.Rand, messages, every int) (lines []string, secrets []planted) {
	kinds := []func(*rand.Rand) string{githubToken, awsKey, stripeKey}
	for i := range messages {
		data := map[string]any{"task": fmt.Sprintf("build %d", i), "status": "ok", "log": words(r)}
		if i%every == every/2 {
			n := len(secrets)
			p := planted{form: forms[n%len(forms)], plain: kinds[n%len(kinds)](r)}
			p.wire = p.put(data)
			secrets = append(secrets, p)
		}
		lines = append(lines, message(r, i, data))
	}
	return lines, secrets
}

var forms = []string{"plain", "nested", "in a key", "escaped", "base64", "gzip in base64"}

// put writes the secret into a message's data in its form and returns the text
// that stands for it there.
func (p planted) put(data map[string]any) string {
	switch p.form {
	case "nested":
		data["env"] = map[string]any{"list": []any{1, map[string]any{"token": p.plain}}}
	case "in a key":
		data["seen"] = map[string]any{p.plain: true}
	case "escaped":
		data["token"] = escapeMark + p.plain
		return escape(p.plain)
	case "base64":
		wire := base64.StdEncoding.EncodeToString([]byte("token is " + p.plain + " , keep it"))
		data["blob"] = wire
		return wire
	case "gzip in base64":
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write([]byte("export TOKEN=" + p.plain + "\n"))
		_ = z.Close()
		wire := base64.StdEncoding.EncodeToString(b.Bytes())
		data["blob"] = wire
		return wire
	default:
		data["token"] = "use " + p.plain + " for the upload"
	}
	return p.plain
}

const escapeMark = "\uE000"

func escape(s string) string {
	var b strings.Builder
	for _, r := range s {
		fmt.Fprintf(&b, `\u%04x`, r)
	}
	return b.String()
}

// message encodes a BZZZ message; text behind the escape mark is written as
// \uXXXX throughout, which JSON allows and encoders do not do by themselves.
func message(r *rand.Rand, i int, data map[string]any) string {
	b, _ := json.Marshal(map[string]any{
		"type": "task_result", "from": fmt.Sprintf("agent-%d", i%7), "timestamp": "2026-11-20T10:00:00Z",
		"data": data, "hop_count": r.IntN(4),
	})
	head, rest, marked := strings.Cut(string(b), escapeMark)
	if !marked {
		return string(b)
	}
	secret, tail, _ := strings.Cut(rest, `"`)
	return head + escape(secret) + `"` + tail
}

func words(r *rand.Rand) string {
	list := strings.Fields("the agent fetched sources compiled them ran all tests and stored the report for later review without any error")
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return strings.Join(list, " ")
}
