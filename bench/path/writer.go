package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// write runs the Node writer and returns when it appended each secret.
func write(o options, core string) (map[uint64]time.Time, error) {
	cmd := exec.Command("node", o.script, core, fmt.Sprint(o.rate), fmt.Sprint(o.seconds), fmt.Sprint(o.every))
	cmd.Stdin = strings.NewReader(secrets(o.rate * o.seconds / o.every))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	appended := map[uint64]time.Time{}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var a struct {
			Index uint64  `json:"index"`
			At    float64 `json:"at"`
		}
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			return nil, fmt.Errorf("writer said %q: %w", lines.Text(), err)
		}
		appended[a.Index] = time.UnixMicro(int64(a.At * 1000))
	}
	return appended, cmd.Wait()
}

// secrets makes n distinct AWS key ids.
func secrets(n int) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	var b strings.Builder
	state := uint64(88172645463325252)
	for range n {
		b.WriteString("AKIA")
		for range 16 {
			state ^= state << 13
			state ^= state >> 7
			state ^= state << 17
			b.WriteByte(letters[state>>58&31])
		}
		b.WriteByte('\n')
	}
	return b.String()
}
