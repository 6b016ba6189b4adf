package main

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"

	"go.cordon.dev/cordon/detect"
)

// form is a way in which a message carries a text.
type form struct {
	name string
	make func(text string) (message []byte)
}

// forms are those that agents and programs write.
func forms() []form {
	return []form{
		{"plain", func(s string) []byte { return inJSON(s) }},
		{"escaped", func(s string) []byte { return inJSON(string(inJSON(s))) }},
		{"base64", func(s string) []byte { return inJSON(base64.StdEncoding.EncodeToString([]byte(s))) }},
		{"gzip and base64", func(s string) []byte { return inJSON(base64.StdEncoding.EncodeToString(zipped(s))) }},
	}
}

func inJSON(text string) []byte {
	b, err := json.Marshal(map[string]any{"type": "chat", "from": "agent-7", "data": map[string]any{"text": text}, "hop_count": 1})
	if err != nil {
		panic(err) // a map of strings can be written
	}
	return b
}

func zipped(s string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(s))
	_ = w.Close()
	return b.Bytes()
}

// planted puts every positive example of every active rule into a message in
// every form.
func (e *engine) planted(t *table) error {
	for _, f := range forms() {
		found, all := 0, 0
		for _, r := range e.rules {
			if !r.Active {
				continue
			}
			for _, p := range r.Positives {
				text, err := detect.ExpandExample(p)
				if err != nil {
					return fmt.Errorf("rule %s: %w", r.ID, err)
				}
				plain, _ := e.scanner.FindAll([]byte(text))
				if len(plain) == 0 {
					continue // below the default confidence as it stands
				}
				all++
				if e.carries(f.make(text), plain) {
					found++
				}
			}
		}
		t.row("secrets in JSON messages, "+f.name, "100 %", "%.1f %% (%d of %d)", 100*float64(found)/float64(all), found, all)
	}
	return nil
}

// carries says whether the message has one of the secrets.
func (e *engine) carries(message []byte, want []detect.Finding) bool {
	got, _ := e.scanner.FindAll(message)
	return slices.ContainsFunc(got, func(g detect.Finding) bool {
		return slices.ContainsFunc(want, func(w detect.Finding) bool { return bytes.Equal(g.Secret.Reveal(), w.Secret.Reveal()) })
	})
}
