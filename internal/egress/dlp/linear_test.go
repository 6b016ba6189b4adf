package dlp_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/egress/dlp"
)

// However a body is made and cut, a byte of it is looked at three times at most, and
// a window at the end.
func TestEveryByteIsLookedAtABoundedNumberOfTimes(t *testing.T) {
	packed := gzipped(t, noise(1_000_000))
	for name, body := range map[string]string{
		"text":                   filler(300_000),
		"compressed in a form":   upload(t, packed),
		"compressed, many times": strings.Repeat("x "+packed[:200]+"\n", 4000),
		"begun and never ended":  "head " + packed[:len(packed)-100] + filler(300_000),
		"begun again and again":  strings.Repeat("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"+noise(500), 1500),
		"archives in archives":   strings.Repeat("PK\x03\x04\x14\x00\x08\x00\x08\x00"+noise(700), 1000),
	} {
		for _, size := range []int{7, 1000, 64 << 10} {
			var dst sink
			var j judge
			i := inspector(t, dlp.Limits{Pause: time.Hour})
			if err := send(i.Stream(&dst, dlp.Body{Judge: j.let}), []byte(body), size); err != nil {
				t.Fatal(err)
			}
			if most := 3*int64(len(body)) + 256<<10; i.Scanned() > most || dst.Len() != len(body) {
				t.Errorf("%s, pieces of %d: %d bytes looked at of %d, %d passed on", name, size, i.Scanned(), len(body), dst.Len())
			}
		}
	}
}

// A sender that drips something compressed has it looked at when there is as much
// again, or after pauses that double.
func TestDrippingDoesNotMultiplyTheWork(t *testing.T) {
	body := []byte(upload(t, gzipped(t, noise(3_000_000))))
	i := inspector(t, dlp.Limits{Pause: time.Millisecond})
	var dst sink
	var j judge
	s := i.Stream(&dst, dlp.Body{Judge: j.let})
	const drips = 300
	start, at := time.Now(), 300_000
	if _, err := s.Write(body[:at]); err != nil {
		t.Fatal(err)
	}
	for range drips {
		if _, err := s.Write(body[at : at+10]); err != nil {
			t.Fatal(err)
		}
		at += 10
		time.Sleep(2 * time.Millisecond)
	}
	pauses := 1
	for p := time.Millisecond; p < time.Since(start); p *= 2 {
		pauses++
	}
	if most := int64((3 + pauses) * at); i.Scanned() > most {
		t.Errorf("%d bytes looked at of %d, more than %d: %d pauses of doubling length fit in", i.Scanned(), at, most, pauses)
	}
	if err := s.Close(); err != nil && !errors.Is(err, dlp.ErrRefused) {
		t.Error(err)
	}
}
