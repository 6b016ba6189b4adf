package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// settledMemory is the resident size after the start's garbage is gone.
func settledMemory(pid int) (int, error) {
	time.Sleep(5 * time.Second)
	return memory(pid)
}

// memory is the resident size in MB (proc(5), VmRSS).
func memory(pid int) (int, error) {
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(f)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(b)) {
		var kb int
		if n, _ := fmt.Sscanf(line, "VmRSS: %d kB", &kb); n == 1 {
			return kb / 1000, nil
		}
	}
	return 0, fmt.Errorf("no VmRSS of process %d", pid)
}
