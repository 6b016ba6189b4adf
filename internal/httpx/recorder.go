package httpx

import (
	"fmt"
	"net/http"
	"time"
)

// recorder notes what an answer was and gives every write its deadline, so
// that a client that does not read cannot hold a handler for ever, while a
// stream may go on as long as it is read.
type recorder struct {
	http.ResponseWriter
	control *http.ResponseController
	status  int
	bytes   int64
	began   bool // the status has been sent
	own     bool // the handler keeps its own deadlines
}

func newRecorder(w http.ResponseWriter) *recorder {
	rec := &recorder{ResponseWriter: w, control: http.NewResponseController(w), status: http.StatusOK}
	rec.extend()
	return rec
}

// extend moves the write deadline. Writers that have none, in tests, are left
// as they are.
func (r *recorder) extend() {
	if !r.own {
		_ = r.control.SetWriteDeadline(time.Now().Add(writeTimeout))
	}
}

// finish leaves time for what the server flushes after the handler.
func (r *recorder) finish() {
	r.own = false
	r.extend()
}

// SetWriteDeadline implements what http.ResponseController looks for: from now
// on the handler keeps the deadlines.
func (r *recorder) SetWriteDeadline(t time.Time) error {
	r.own = true
	return r.control.SetWriteDeadline(t)
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	if !r.began && status >= http.StatusOK {
		r.status, r.began = status, true
	}
	r.extend()
	r.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (r *recorder) Write(b []byte) (int, error) {
	r.began = true
	r.extend()
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	if err != nil {
		return n, fmt.Errorf("writing answer: %w", err)
	}
	return n, nil
}

// FlushError implements what http.ResponseController looks for.
func (r *recorder) FlushError() error {
	r.began = true
	r.extend()
	if err := r.control.Flush(); err != nil {
		return fmt.Errorf("flushing answer: %w", err)
	}
	return nil
}

// Flush implements http.Flusher, for libraries that ask for it.
func (r *recorder) Flush() { _ = r.FlushError() } // http.Flusher has no way to tell

// Unwrap lets http.ResponseController reach the writer beneath.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
