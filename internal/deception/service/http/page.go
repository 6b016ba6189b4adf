package http

import "strings"

// Version is what the server claims to be.
const Version = "1.22.1"

// The statuses that are spoken of by name. tooLargeHead and plainToTLS are
// nginx's own: they are sent as 400, with a page that says more.
const (
	badRequest     = 400
	unauthorized   = 401
	forbidden      = 403
	notFound       = 404
	notAllowed     = 405
	notMatched     = 412
	tooLargeBody   = 413
	tooLongLine    = 414
	noSuchRange    = 416
	tooLargeHead   = 494
	plainToTLS     = 497
	notImplemented = 501
	badVersion     = 505
)

// phrase is what a page calls its status.
func phrase(status int) string {
	switch status {
	case 200:
		return "OK"
	case 206:
		return "Partial Content"
	case 301:
		return "Moved Permanently"
	case 302:
		return "Found"
	case 304:
		return "Not Modified"
	case unauthorized:
		return "Authorization Required"
	case forbidden:
		return "Forbidden"
	case notFound:
		return "Not Found"
	case notAllowed:
		return "Not Allowed"
	case notMatched:
		return "Precondition Failed"
	case tooLargeBody:
		return "Request Entity Too Large"
	case tooLongLine:
		return "Request-URI Too Large"
	case noSuchRange:
		return "Requested Range Not Satisfiable"
	case notImplemented:
		return "Not Implemented"
	case badVersion:
		return "HTTP Version Not Supported"
	}
	return "Bad Request"
}

// sent is the status that a client is told.
func sent(status int) int {
	if status == tooLargeHead || status == plainToTLS {
		return badRequest
	}
	return status
}

// page is what nginx shows for a status. padded is for browsers that would show
// a page of their own instead of a short one.
func page(status int, padded bool) []byte {
	says := map[int]string{tooLargeHead: "Request Header Or Cookie Too Large", plainToTLS: "The plain HTTP request was sent to HTTPS port"}[status]
	heading := digits(sent(status)) + " " + phrase(status)
	title := heading
	if says != "" {
		title = "400 " + says
	}
	var b strings.Builder
	b.WriteString("<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + heading + "</h1></center>\r\n")
	if says != "" {
		b.WriteString("<center>" + says + "</center>\r\n")
	}
	b.WriteString("<hr><center>nginx/" + Version + "</center>\r\n</body>\r\n</html>\r\n")
	if padded && status >= badRequest {
		b.WriteString(strings.Repeat("<!-- a padding to disable MSIE and Chrome friendly error page -->\r\n", 6))
	}
	return []byte(b.String())
}

func digits(status int) string {
	return string([]byte{'0' + byte(status/100), '0' + byte(status/10%10), '0' + byte(status%10)})
}

// padded reports whether a client's error pages are padded.
func padded(r *request) bool {
	agent := r.get("User-Agent")
	if r.old || strings.Contains(agent, "Opera") {
		return false
	}
	if at := strings.Index(agent, "MSIE "); at >= 0 && at+7 < len(agent) {
		return true
	}
	return strings.Contains(agent, "Chrome/") && !strings.Contains(agent, "Gecko/")
}
