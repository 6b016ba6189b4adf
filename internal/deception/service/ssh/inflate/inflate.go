// Package inflate decompresses a zlib stream (RFC 1950 and 1951) that comes in
// pieces: each call takes one and returns everything that it says. That is what
// SSH needs, whose packets end in the middle of a block of the stream; readers
// of the standard library wait for the block's end.
//
// Level 2: it imports the standard library only.
package inflate

import "errors"

// ErrCorrupt says that the stream is none.
var ErrCorrupt = errors.New("zlib: the stream is corrupt")

// errShort says that what comes next is not there as a whole.
var errShort = errors.New("zlib: more has to come")

const window = 32 << 10

// Stream is a zlib stream so far.
type Stream struct {
	max  int
	in   cursor
	step func(*Stream) error // what is read next
	out  []byte              // of this piece, behind what is left of the window

	literals, distances *table
	stored              int
	final               bool
}

// New returns a stream whose pieces say at most max bytes each.
func New(max int) *Stream { return &Stream{max: max, step: (*Stream).header} }

// Next takes a piece and returns what it says; that is the caller's.
func (s *Stream) Next(piece []byte) ([]byte, error) {
	s.in.b = append(s.in.b, piece...)
	s.out = s.out[max(0, len(s.out)-window):]
	before := len(s.out)
	for {
		saved := s.in
		err := s.step(s)
		if err == errShort {
			s.in = saved
			break
		}
		if err != nil {
			return nil, err
		}
		if len(s.out)-before > s.max {
			return nil, ErrCorrupt
		}
	}
	s.in.drop()
	if len(s.in.b) > 1<<10 { // no step needs as much
		return nil, ErrCorrupt
	}
	return append([]byte(nil), s.out[before:]...), nil
}

// header reads the two bytes in front of the stream.
func (s *Stream) header() error {
	a, err := s.in.bits(8)
	if err != nil {
		return err
	}
	b, err := s.in.bits(8)
	if err != nil {
		return err
	}
	if a&0x0f != 8 || a>>4 > 7 || (a<<8|b)%31 != 0 || b&0x20 != 0 {
		return ErrCorrupt
	}
	s.step = (*Stream).block
	return nil
}

// block reads what precedes a block.
func (s *Stream) block() error {
	if s.final {
		return errShort // behind the last block nothing is expected
	}
	kind, err := s.in.bits(3)
	if err != nil {
		return err
	}
	switch kind >> 1 {
	case 0:
		err = s.storedHeader()
	case 1:
		s.literals, s.distances = fixed()
		s.step = (*Stream).symbol
	case 2:
		s.literals, s.distances, err = s.in.tables()
		s.step = (*Stream).symbol
	default:
		return ErrCorrupt
	}
	if err == nil {
		s.final = kind&1 == 1
	} else {
		s.step = (*Stream).block
	}
	return err
}

func (s *Stream) storedHeader() error {
	s.in.align()
	n, err := s.in.bits(16)
	if err != nil {
		return err
	}
	inverse, err := s.in.bits(16)
	if err != nil {
		return err
	}
	if n^inverse != 0xffff {
		return ErrCorrupt
	}
	s.stored, s.step = int(n), (*Stream).copyStored
	return nil
}

func (s *Stream) copyStored() error {
	if s.stored == 0 {
		s.step = (*Stream).block
		return nil
	}
	b, err := s.in.bits(8)
	if err != nil {
		return err
	}
	s.out = append(s.out, byte(b))
	s.stored--
	return nil
}

// symbol reads one literal or one copy of what went before.
func (s *Stream) symbol() error {
	code, err := s.in.symbol(s.literals)
	switch {
	case err != nil:
		return err
	case code < 256:
		s.out = append(s.out, byte(code))
		return nil
	case code == 256:
		s.step = (*Stream).block
		return nil
	case code > 285:
		return ErrCorrupt
	}
	length, err := s.in.extended(lengthBase, lengthExtra, int(code)-257)
	if err != nil {
		return err
	}
	code, err = s.in.symbol(s.distances)
	if err != nil {
		return err
	}
	if code > 29 {
		return ErrCorrupt
	}
	distance, err := s.in.extended(distanceBase, distanceExtra, int(code))
	if err != nil {
		return err
	}
	return s.repeat(length, distance)
}

func (s *Stream) repeat(length, distance int) error {
	if distance > len(s.out) {
		return ErrCorrupt
	}
	for range length {
		s.out = append(s.out, s.out[len(s.out)-distance])
	}
	return nil
}
