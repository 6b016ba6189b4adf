package capture

import (
	"encoding/json"
	"strconv"
	"time"
	"unicode/utf8"

	"go.cordon.dev/cordon/internal/deception/service"
)

// screen makes asciicast v2 (https://docs.asciinema.org/manual/asciicast/v2/) of a
// session's frames: a header, then one line for each. Times count from the
// session's first frame, also over several terminals.
type screen struct {
	began time.Time
	size  int64           // bytes of lines so far
	tails map[byte][]byte // by code: the beginning of a character whose rest comes with the next frame
}

// header is the first line.
type header struct {
	Version   int   `json:"version"`
	Width     int   `json:"width"`
	Height    int   `json:"height"`
	Timestamp int64 `json:"timestamp"`
}

// line appends a frame's line to out. Of the first frame, which has the terminal's
// size, that is the header.
func (s *screen) line(out []byte, at time.Time, f service.Frame) []byte {
	before := len(out)
	switch {
	case s.began.IsZero():
		s.began, s.tails = at, map[byte][]byte{}
		h, _ := json.Marshal(header{Version: 2, Width: f.Columns, Height: f.Rows, Timestamp: at.Unix()}) // four numbers
		out = append(append(out, h...), '\n')
		if f.Code != 'r' {
			out = s.event(out, 0, f)
		}
	default:
		out = s.event(out, max(at.Sub(s.began), 0), f)
	}
	s.size += int64(len(out) - before)
	return out
}

func (s *screen) event(out []byte, elapsed time.Duration, f service.Frame) []byte {
	data := s.text(f)
	if data == "" {
		return out
	}
	out = append(out, '[')
	out = strconv.AppendFloat(out, elapsed.Seconds(), 'f', 6, 64)
	out = append(out, ", \""...)
	out = append(out, f.Code)
	out = append(out, "\", "...)
	text, _ := json.Marshal(data) // of a string: never fails
	out = append(out, text...)
	return append(out, "]\n"...)
}

// text is what a frame shows. A character that is cut by the end of a frame is
// shown with the next one's; what is no UTF-8 becomes U+FFFD, as JSON has it.
func (s *screen) text(f service.Frame) string {
	if f.Code == 'r' {
		return strconv.Itoa(f.Columns) + "x" + strconv.Itoa(f.Rows)
	}
	data := append(s.tails[f.Code], f.Data...)
	cut := len(data) - unfinished(data)
	s.tails[f.Code] = append([]byte(nil), data[cut:]...)
	return string(data[:cut])
}

// unfinished is how many bytes at the end are the beginning of a character.
func unfinished(b []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(b); n++ {
		if c := b[len(b)-n]; utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRune(b[len(b)-n:]) {
				return n
			}
			return 0
		}
	}
	return 0
}
