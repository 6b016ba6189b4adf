package wsframe

// Follower looks at frames that pass by, in pieces of any size, without holding
// them. It is for one goroutine.
type Follower struct {
	Sequence
	head    [MaxHeader]byte
	have    int              // bytes of head
	op      Opcode           // of the frame whose payload passes
	left    int64            // of that payload
	closing []byte           // payload of a Close
	buf     [MaxControl]byte // of closing
	err     error
}

// Between reports whether what was passed on ends with a frame, so that another may
// come.
func (f *Follower) Between() bool { return f.have == 0 && f.left == 0 }

// Feed takes a piece, and returns how many bytes of it may be passed on: all,
// unless there is an error, which is *Error and sticks. Then it is what comes before
// the frame that is broken, if that began in this piece.
func (f *Follower) Feed(p []byte) (n int, err error) {
	from, closed := -1, f.closed // where the frame begins that is being looked at; -1: before this piece
	for n < len(p) && f.err == nil {
		if f.Between() {
			from, closed = n, f.closed
		}
		took := 0
		if f.left == 0 {
			took, f.err = f.header(p[n:])
		}
		if f.err == nil {
			n += took
			n += f.payload(p[n:])
		}
	}
	if f.err != nil && from >= 0 {
		f.have, f.left, f.closed, n = 0, 0, closed, from
	}
	return n, f.err
}

// payload takes bytes of a payload, and of a Close looks at them.
func (f *Follower) payload(p []byte) (took int) {
	took = int(min(f.left, int64(len(p))))
	f.left -= int64(took)
	if f.op != Close || f.have > 0 {
		return took
	}
	f.closing = append(f.closing, p[:took]...)
	if f.left > 0 {
		return took
	}
	if f.err = CheckClose(f.closing); f.err != nil {
		return 0
	}
	f.op = Continuation
	return took
}

// header takes bytes of a head until it is there.
func (f *Follower) header(p []byte) (took int, err error) {
	for took < len(p) {
		f.head[f.have] = p[took]
		f.have++
		took++
		h, n, err := Parse(f.head[:f.have])
		if err != nil {
			return 0, err
		}
		if n == 0 {
			continue
		}
		if err := f.Check(h); err != nil {
			return 0, err
		}
		f.have, f.op, f.left, f.closing = 0, h.Op, h.Length, f.buf[:0]
		return took, nil
	}
	return took, nil
}
