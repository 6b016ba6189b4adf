package httpx

import (
	"encoding/json"
	"net/http"
)

// Problem is an error answer after RFC 9457.
type Problem struct {
	Title  string `json:"title"`            // the status in words
	Status int    `json:"status"`           // the HTTP status
	Detail string `json:"detail,omitempty"` // what, where, and what to do
}

// NewProblem makes a problem of a status and what people should know.
func NewProblem(status int, detail string) Problem {
	return Problem{Title: http.StatusText(status), Status: status, Detail: detail}
}

// Write answers with the problem. Headers such as Retry-After are set before.
func (p Problem) Write(w http.ResponseWriter) {
	body, err := json.Marshal(p)
	if err != nil { // a struct of strings and an int always encodes
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	h.Del("Content-Length")
	h.Del("Etag")
	w.WriteHeader(p.Status)
	_, _ = w.Write(append(body, '\n')) // the client has gone; there is nobody to tell
}
