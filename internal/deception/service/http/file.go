package http

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// file is one that is served as it is.
type file struct {
	kind     string // media type
	content  []byte
	modified time.Time
}

// tag is the file's ETag.
func (f file) tag() string { return fmt.Sprintf(`"%x-%x"`, f.modified.Unix(), len(f.content)) }

// answer serves the file, or as much of it as the client asked for.
func (s *server) file(r *request, f file) answer {
	a := answer{status: 200, kind: f.kind, content: f.content, modified: f.modified, extra: []header{{"ETag", f.tag()}}}
	switch conditions(r, f) {
	case notMatched:
		a = refusal(notMatched, r)
		a.drop = true
		return a
	case 304:
		a.status, a.kind, a.content = 304, "", nil
		return a
	}
	if packs(r, a) {
		return s.pack(a)
	}
	return s.ranged(r, f, a)
}

// conditions is what a file's conditions come to: 412, 304 or 200.
func conditions(r *request, f file) int {
	if since, ok := r.find("If-Unmodified-Since"); ok && parseTime(since).Before(f.modified) {
		return notMatched
	}
	if list, ok := r.find("If-Match"); ok && !matches(list, f.tag(), false) {
		return notMatched
	}
	since, dated := r.find("If-Modified-Since")
	list, tagged := r.find("If-None-Match")
	changed := dated && !parseTime(since).Equal(f.modified)
	if !dated && !tagged || changed || tagged && !matches(list, f.tag(), true) {
		return 200
	}
	return 304
}

// parseTime reads the three forms of dates of RFC 9110; the zero time is none
// of them.
func parseTime(s string) time.Time {
	for _, layout := range []string{httpTime, "Monday, 02-Jan-06 15:04:05 GMT", time.ANSIC} {
		if t, err := time.Parse(layout, s); err == nil {
			return t
		}
	}
	return time.Time{}
}

// matches reports whether a tag is in the list of a condition.
func matches(list, tag string, weak bool) bool {
	if list == "*" {
		return true
	}
	for one := range strings.SplitSeq(list, ",") {
		one = strings.Trim(one, " \t")
		if weak {
			one = strings.TrimPrefix(one, "W/")
		}
		if one == tag {
			return true
		}
	}
	return false
}

// span is a part of a file: the bytes from begin up to end.
type span struct{ begin, end int64 }

// ranged cuts out of a file what the client asked for.
func (s *server) ranged(r *request, f file, a answer) answer {
	size := int64(len(f.content))
	spec, ok := r.find("Range")
	if r.old || !ok || len(spec) < 7 || !strings.EqualFold(spec[:6], "bytes=") || !sameFile(r, f) {
		return whole(a)
	}
	spans, status := parseRanges(spec[6:], size)
	switch {
	case status == noSuchRange:
		a = refusal(noSuchRange, r)
		a.extra = []header{{"Content-Range", "bytes */" + strconv.FormatInt(size, 10)}}
		return a
	case status == 200:
		return whole(a)
	case len(spans) > 1:
		return s.multipart(f, a, spans)
	}
	a.status, a.content = 206, f.content[spans[0].begin:spans[0].end]
	a.extra = append(a.extra, header{"Content-Range", spans[0].of(size)})
	return a
}

func whole(a answer) answer {
	if !a.modified.IsZero() {
		a.extra = append(a.extra, header{"Accept-Ranges", "bytes"})
	}
	return a
}

func (p span) of(size int64) string { return fmt.Sprintf("bytes %d-%d/%d", p.begin, p.end-1, size) }

// sameFile reports whether the client has a part of this very file already, or
// does not ask.
func sameFile(r *request, f file) bool {
	v, ok := r.find("If-Range")
	switch {
	case !ok:
		return true
	case len(v) >= 2 && strings.HasSuffix(v, `"`):
		return v == f.tag()
	}
	return parseTime(v).Equal(f.modified)
}

func (s *server) multipart(f file, a answer, spans []span) answer {
	var b bytes.Buffer
	boundary := fmt.Sprintf("%020d", s.boundary.Add(1))
	for _, p := range spans {
		fmt.Fprintf(&b, "\r\n--%s\r\nContent-Type: %s\r\nContent-Range: %s\r\n\r\n", boundary, f.kind, p.of(int64(len(f.content))))
		b.Write(f.content[p.begin:p.end])
	}
	b.WriteString("\r\n--" + boundary + "--\r\n")
	a.status, a.kind, a.content = 206, "multipart/byteranges; boundary="+boundary, b.Bytes()
	return a
}

// parseRanges reads the ranges of a file. The status is 416, or 200 when nginx
// sends the whole file: for ranges of more bytes than it has.
func parseRanges(spec string, size int64) (spans []span, status int) {
	var sum int64
	for one := range strings.SplitSeq(spec, ",") {
		p, ok := parseRange(one, size)
		switch {
		case !ok:
			return nil, noSuchRange
		case p.begin < p.end:
			spans = append(spans, p)
			sum += p.end - p.begin
		case p.begin == 0:
			return nil, 200
		}
	}
	switch {
	case len(spans) == 0:
		return nil, noSuchRange
	case sum > size:
		return nil, 200
	}
	return spans, 206
}

// parseRange reads one range; begin and end are equal or crossed when nothing of
// the file lies in it.
func parseRange(s string, size int64) (span, bool) {
	first, last, ok := strings.Cut(strings.Trim(s, " "), "-")
	first, last = strings.TrimRight(first, " "), strings.TrimLeft(last, " ")
	begin, beginOK := number(first)
	end, endOK := number(last)
	switch {
	case !ok, first == "" && !endOK, first != "" && !beginOK, last != "" && !endOK:
		return span{}, false
	case first == "":
		return span{max(size-end, 0), size}, true
	case last == "":
		return span{begin, size}, true
	}
	return span{begin, min(end, size-1) + 1}, true
}

func number(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && isDigit(s[0])
}
