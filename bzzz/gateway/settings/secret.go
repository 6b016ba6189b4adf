package settings

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"go.cordon.dev/cordon/detect/fingerprint"
)

// ErrInline says that a key stands where a reference to it should.
var ErrInline = errors.New("give the key as file:PATH or env:NAME, not inline")

// ReadKey reads a key by its reference. No error quotes it.
func ReadKey(reference string, getenv func(string) string) (*fingerprint.Key, error) {
	kind, place, _ := strings.Cut(reference, ":")
	var text string
	switch kind {
	case "file":
		b, err := os.ReadFile(place)
		if err != nil {
			return nil, fmt.Errorf("reading the key: %w", err)
		}
		text = string(b)
		if len(b) == fingerprint.Size { // the bytes themselves
			return fingerprint.New(b)
		}
	case "env":
		if text = getenv(place); text == "" {
			return nil, fmt.Errorf("reading the key: %s is not set", place)
		}
	default:
		return nil, ErrInline
	}
	return fingerprint.Parse(text)
}
