package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
)

// mcpServer is a small server of MCP over its standard input and output. Its tools are
// echo, which says what it was told; leak, which says a fake secret; and stop, which ends
// it with code 7. Called with stay, it writes a file when it runs, and ends by a signal
// only, which it names on its standard error.
func mcpServer() {
	fmt.Fprintln(os.Stderr, "mcpserver: ready")
	if _, ok := os.LookupEnv("CORDON_API_KEY"); ok {
		fmt.Fprintln(os.Stderr, "mcpserver: got Cordon's key")
	}
	if len(os.Args) > 1 && os.Args[1] == "stay" {
		stay()
	}
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		var m struct {
			ID     json.RawMessage
			Method string
			Params struct {
				Name      string
				Arguments struct{ Text string }
			}
		}
		if err := json.Unmarshal(in.Bytes(), &m); err != nil {
			fmt.Fprintln(os.Stderr, "mcpserver: got what is no JSON")
			os.Exit(1)
		}
		if m.ID != nil {
			respond(m.ID, m.Method, m.Params.Name, m.Params.Arguments.Text)
		}
	}
}

func respond(id json.RawMessage, method, tool, text string) {
	switch {
	case tool == "stop":
		os.Exit(7)
	case tool == "leak":
		text = "the key is " + os.Getenv("GITHUB")
	case method == "initialize":
		text = "hello"
	}
	said, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": id, "result": map[string]any{"content": []any{map[string]string{"type": "text", "text": text}}}})
	if err != nil {
		os.Exit(1)
	}
	fmt.Printf("%s\n", said)
}

// stay waits for a signal.
func stay() {
	got := make(chan os.Signal, 1)
	signal.Notify(got, os.Interrupt)
	if err := os.WriteFile("started", []byte("it runs\n"), 0o600); err != nil {
		os.Exit(1)
	}
	fmt.Fprintln(os.Stderr, "mcpserver: got", <-got)
	os.Exit(9)
}
