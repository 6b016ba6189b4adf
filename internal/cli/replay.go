package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
)

type sessionReplayCmd struct {
	ID    string  `arg:"" help:"The session's id; cordon session list --recorded shows those that can be played."`
	Speed float64 `default:"1" help:"So many times as fast; 0: all at once."`
	Idle  float64 `default:"2" help:"Pauses are at most so many seconds; 0: as long as they were."`
	Raw   bool    `help:"Write the record itself, asciicast v2, for other players."`
}

func (c *sessionReplayCmd) Run(ctx context.Context, s *session) error {
	if c.Speed < 0 || c.Idle < 0 {
		return usageError("--speed and --idle: give numbers from 0")
	}
	return s.withClient(ctx, true, func(cl *client.Client) error {
		v, err := cl.DeckySession(ctx, c.ID)
		if err != nil {
			return err
		}
		if v.Transcript == 0 {
			return fmt.Errorf("session %s has no recorded terminal; cordon session show %s says what the client did", v.ID, v.ID)
		}
		p := player{out: s.Stdout, speed: c.Speed, idle: time.Duration(c.Idle * float64(time.Second)), raw: c.Raw}
		return p.play(ctx, v, func(offset int64) (api.Transcript, error) { return cl.Transcript(ctx, v.Decky, v.ID, offset) })
	})
}

// player plays a record. It reads on while it plays: a record may be long, or
// still grow.
type player struct {
	out   io.Writer
	speed float64
	idle  time.Duration
	raw   bool

	shown time.Duration // place in the record of what was shown last
}

func (p *player) play(ctx context.Context, v api.DeckySession, read func(offset int64) (api.Transcript, error)) error {
	for offset := int64(0); ; {
		t, err := read(offset)
		if err != nil {
			return err
		}
		for _, line := range t.Lines {
			if err := p.line(ctx, line); err != nil {
				return fmt.Errorf("playing session %s: %w", v.ID, err)
			}
		}
		if t.Next >= t.Total || t.Next <= offset {
			return p.end()
		}
		offset = t.Next
	}
}

// line shows one line of the record. What a terminal was sent is made harmless:
// it could otherwise type into yours, or ask it who you are.
func (p *player) line(ctx context.Context, line string) error {
	if p.raw {
		_, err := fmt.Fprintln(p.out, line)
		return err
	}
	var frame []any
	if json.Unmarshal([]byte(line), &frame) != nil || len(frame) != 3 {
		return nil // the header
	}
	at, _ := frame[0].(float64)
	kind, _ := frame[1].(string)
	data, _ := frame[2].(string)
	if kind != "o" {
		return nil
	}
	if err := p.wait(ctx, time.Duration(at*float64(time.Second))); err != nil {
		return err
	}
	_, err := io.WriteString(p.out, harmless(data))
	return err
}

func (p *player) wait(ctx context.Context, at time.Duration) error {
	pause := at - p.shown
	p.shown = at
	if p.idle > 0 {
		pause = min(pause, p.idle)
	}
	if p.speed == 0 || pause <= 0 {
		return nil
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Duration(float64(pause) / p.speed)):
		return nil
	}
}

// end leaves the terminal as it was: colours off, the cursor shown.
func (p *player) end() error {
	if p.raw {
		return nil
	}
	_, err := io.WriteString(p.out, "\x1b[0m\x1b[?25h\x1b[?1049l\r\n[end of the record]\n")
	return err
}
