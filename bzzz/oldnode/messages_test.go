package main

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"strings"
	"testing"
)

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// token is a GitHub token with a right checksum that was never given to anybody.
func token(r *rand.Rand) string {
	body := make([]byte, 30)
	for i := range body {
		body[i] = digits[r.IntN(len(digits))]
	}
	sum := make([]byte, 6)
	for i, n := 5, crc32.ChecksumIEEE(body); i >= 0; i, n = i-1, n/62 {
		sum[i] = digits[n%62]
	}
	return "gh" + "p_" + string(body) + string(sum)
}

// bzzz is a message as BZZZ's nodes write it.
func bzzz(n int, data any) string {
	b, err := json.Marshal(struct {
		Type      string `json:"type"`
		From      string `json:"from"`
		Timestamp string `json:"timestamp"`
		Data      any    `json:"data"`
		Hops      int    `json:"hop_count"`
	}{"task_progress", "agent-7", fmt.Sprintf("2026-03-14T14:%02d:%02d.%06dZ", n/60%60, n%60, n), data, 1})
	if err != nil {
		panic(err)
	}
	return string(b)
}

// forms are the ways in which a message holds a secret.
func forms(t *testing.T) map[string]func(n int, secret string) string {
	return map[string]func(n int, secret string) string{
		"body": func(n int, s string) string { return bzzz(n, map[string]any{"note": "push with " + s + " please"}) },
		"key":  func(n int, s string) string { return bzzz(n, map[string]any{s: true}) },
		"escape": func(n int, s string) string {
			return strings.Replace(bzzz(n, map[string]any{"note": "@"}), "@", escaped(s), 1)
		},
		"base64": func(n int, s string) string {
			return bzzz(n, map[string]any{"blob": base64.StdEncoding.EncodeToString([]byte("the token is " + s + "\n"))})
		},
		"gzip": func(n int, s string) string {
			return bzzz(n, map[string]any{"blob": base64.StdEncoding.EncodeToString(zipped(t, "the token is "+s+"\n"))})
		},
	}
}

func escaped(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		fmt.Fprintf(&b, `\u%04x`, c)
	}
	return b.String()
}

func zipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// clean is a message that holds none.
func clean(n int, r *rand.Rand) string {
	words := strings.Fields("the agent planned its task and asked a neighbour for review before it pushed the branch to be built again")
	var text []string
	for range 10 + r.IntN(60) {
		text = append(text, words[r.IntN(len(words))])
	}
	return bzzz(n, map[string]any{"n": n, "step": "build", "message": strings.Join(text, " "), "done": n%2 == 0})
}
