package http1

import (
	"bufio"
	"net/http"
	"strconv"
)

// Outgoing is what a gateway says itself in a request that it passes on.
type Outgoing struct {
	Target  string // origin form, or "*"
	Host    string // of the Host field
	Via     string // its entry in Via
	Upgrade bool   // pass the upgrade on
}

// WriteRequest writes the head of a request anew. An error of w comes back from
// its Flush.
func WriteRequest(w *bufio.Writer, h *Head, o Outgoing) {
	put(w, h.Method, " ", o.Target, " HTTP/1.1\r\nHost: ", o.Host, "\r\n")
	for _, f := range h.Fields {
		switch {
		case f.Drop:
		case f.Kind == Other, f.Kind == Via, f.Kind == Forwards, f.Kind == Method, f.Kind == Path, f.Kind == Expect && h.Continue:
			writeField(w, f)
		}
	}
	if o.Via != "" {
		put(w, "Via: 1.", digit(h.Minor), " ", o.Via, "\r\n")
	}
	if o.Upgrade {
		writeUpgrade(w, h)
	}
	writeFraming(w, h.Body, false)
	put(w, "\r\n")
}

// Back is what a gateway says itself in an answer that it passes on.
type Back struct {
	Via     string
	Minor   int  // what the client speaks: HTTP/1.Minor
	Keep    bool // the client's connection stays open after this answer
	Upgrade bool // the answer is the last in HTTP: 101
}

// WriteAnswer writes the head of an answer anew. An error of w comes back from
// its Flush.
func WriteAnswer(w *bufio.Writer, h *Head, o Back) {
	put(w, "HTTP/1.1 ", strconv.Itoa(h.Status), " ")
	_, _ = w.Write(h.Reason)
	put(w, "\r\n")
	for _, f := range h.Fields {
		if !f.Drop && (f.Kind == Other || f.Kind == Via || f.Kind == Method || f.Kind == Path) {
			writeField(w, f)
		}
	}
	if o.Via != "" {
		put(w, "Via: 1.", digit(h.Minor), " ", o.Via, "\r\n")
	}
	if o.Upgrade {
		writeUpgrade(w, h)
	} else if h.Status >= http.StatusOK {
		writeConnection(w, o)
	}
	if h.Told {
		put(w, "Content-Length: ", strconv.FormatInt(h.Body.Length, 10), "\r\n")
	}
	writeFraming(w, h.Body, o.Minor == 0)
	put(w, "\r\n")
}

// writeConnection says what the client could not know.
func writeConnection(w *bufio.Writer, o Back) {
	switch {
	case !o.Keep:
		put(w, "Connection: close\r\n")
	case o.Minor == 0:
		put(w, "Connection: keep-alive\r\n")
	}
}

func writeUpgrade(w *bufio.Writer, h *Head) {
	put(w, "Connection: Upgrade\r\nUpgrade: ")
	_, _ = w.Write(h.Upgrade)
	put(w, "\r\n")
}

func writeFraming(w *bufio.Writer, b Body, plain bool) {
	switch {
	case b.Kind == Sized:
		put(w, "Content-Length: ", strconv.FormatInt(b.Length, 10), "\r\n")
	case b.Kind == Chunked && !plain:
		put(w, "Transfer-Encoding: chunked\r\n")
	}
}

// writeTrailers writes those fields that are passed on.
func writeTrailers(w *bufio.Writer, fields []Field) {
	for _, f := range fields {
		if f.Kind == Other {
			writeField(w, f)
		}
	}
}

func writeField(w *bufio.Writer, f Field) {
	_, _ = w.Write(f.Name)
	put(w, ": ")
	_, _ = w.Write(f.Value)
	put(w, "\r\n")
}

// put writes texts; bufio keeps the first error for Flush.
func put(w *bufio.Writer, texts ...string) {
	for _, t := range texts {
		_, _ = w.WriteString(t)
	}
}

func digit(minor int) string {
	if minor == 0 {
		return "0"
	}
	return "1"
}
