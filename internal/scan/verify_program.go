package scan

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"time"

	"go.cordon.dev/cordon/detect"
)

// Program is a Verifier: a program of the user's that gets a line of JSON for
// each finding on its standard input and answers each with one on its standard
// output. It alone sees the secret, through a pipe, which neither the list of
// processes nor the environment shows.
type Program struct {
	// Patience is how long an answer may take; the program is ended then. If 0,
	// 30 seconds.
	Patience time.Duration

	cmd     *exec.Cmd
	in      io.WriteCloser
	answers <-chan string
	count   int
	failed  error
}

// question is what the program reads.
type question struct {
	ID         string `json:"id"`
	Rule       string `json:"rule"`
	Provider   string `json:"provider"`
	SecretType string `json:"secret_type"`
	File       string `json:"file"`
	Line       int    `json:"line"`
	Secret     []byte `json:"secret_base64"`
}

// answer is what the program writes.
type answer struct {
	ID     string `json:"id"`
	Status Status `json:"status"`
}

const (
	defaultPatience = 30 * time.Second
	maxAnswer       = 64 << 10
)

// StartProgram starts a program; complaints gets its standard error. Close it.
func StartProgram(ctx context.Context, name string, complaints io.Writer) (*Program, error) {
	p := &Program{Patience: defaultPatience, cmd: exec.CommandContext(ctx, name)}
	p.cmd.Stderr = complaints
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("starting the verifier: %w", err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("starting the verifier: %w", err)
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the verifier: %w", err)
	}
	lines := make(chan string)
	p.answers = lines
	go func() {
		defer close(lines)
		in := bufio.NewScanner(out)
		in.Buffer(nil, maxAnswer)
		for in.Scan() {
			select {
			case lines <- in.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	return p, nil
}

// Verify asks the program. After it has failed once every answer is unknown,
// and Close says why.
func (p *Program) Verify(ctx context.Context, f Finding, secret detect.Secret) Status {
	if p.failed != nil {
		return StatusUnknown
	}
	p.count++
	q := question{ID: strconv.Itoa(p.count), Rule: f.Rule, File: f.File, Line: f.Line, Secret: secret.Reveal()}
	if f.Detail != nil {
		q.Provider, q.SecretType = f.Detail.Provider, f.Detail.SecretType
	}
	status, err := p.ask(ctx, q)
	if err != nil {
		p.failed = err
		_ = p.cmd.Process.Kill()
		return StatusUnknown
	}
	return status
}

func (p *Program) ask(ctx context.Context, q question) (Status, error) {
	line, err := json.Marshal(q)
	if err != nil {
		return "", fmt.Errorf("asking the verifier: %w", err)
	}
	timer := time.NewTimer(p.Patience)
	defer timer.Stop()
	go func() { // a program that does not read must not hold the run; ending it ends this
		line = append(line, '\n')
		_, _ = p.in.Write(line)
		clear(line)
	}()
	select {
	case text, more := <-p.answers:
		if !more {
			return "", errors.New("the verifier ended before it answered")
		}
		return parseAnswer(text, q.ID)
	case <-timer.C:
		return "", fmt.Errorf("the verifier did not answer within %v", p.Patience)
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// parseAnswer reads an answer; its text is not repeated in an error, since a
// program may echo what it was asked.
func parseAnswer(text, id string) (Status, error) {
	var a answer
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		return "", errors.New("the verifier answered something else than JSON")
	}
	if a.ID != id {
		return "", errors.New("the verifier answered another question")
	}
	switch a.Status {
	case StatusActive, StatusInactive, StatusUnknown:
		return a.Status, nil
	}
	return "", errors.New("the verifier answered none of active, inactive, unknown")
}

// Close ends the program and says whether it did its work.
func (p *Program) Close() error {
	_ = p.in.Close()
	for range p.answers { // what nobody asked for
	}
	err := p.cmd.Wait()
	switch {
	case p.failed != nil:
		return p.failed
	case err != nil:
		return fmt.Errorf("the verifier: %w", err)
	}
	return nil
}
