//go:build !linux && !darwin

package app

import "errors"

// spaceOf is not known here, and docs/operations.md says so.
func spaceOf(string) (space, error) {
	return space{}, errors.New("asking for the room on the disk: not built for this system")
}
