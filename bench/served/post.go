package served

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Post sends a message to a hook, signed, and returns when it was taken.
func (h *Hook) Post(client *http.Client, id, body string) error {
	req, err := http.NewRequest(http.MethodPost, h.URL, strings.NewReader(body))
	if err != nil {
		return err
	}
	now := strconv.FormatInt(time.Now().Unix(), 10)
	req.Header.Set("webhook-id", id)
	req.Header.Set("webhook-timestamp", now)
	req.Header.Set("webhook-signature", h.Sign(id, now, []byte(body)))
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}
