package http

import (
	_ "embed"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/deception/persona"
)

// welcomePage is what Debian's package shows until somebody makes a site.
//
//go:embed welcome.html
var welcomePage []byte

// site is what there is to be seen.
type site struct {
	files map[string]file // by path
	index string          // name of the file that stands for its folder
}

// welcome is a web server that nobody has set up yet.
func welcome(p *persona.Persona) site {
	made := p.Installed.Add(time.Duration(10+p.Rand("http: installed").IntN(5000)) * time.Minute).Truncate(time.Second)
	const index = "index.nginx-debian.html"
	return site{index: index, files: map[string]file{"/" + index: {"text/html", welcomePage, made}}}
}

// folder reports whether a path that ends with a slash is one.
func (s site) folder(path string) bool {
	for name := range s.files {
		if strings.HasPrefix(name, path) {
			return true
		}
	}
	return false
}

// answer answers a request whose head is good.
func (s *server) answer(r *request, local netip.AddrPort) answer {
	f, ok := s.site.files[r.path]
	folder := !ok && s.site.folder(strings.TrimSuffix(r.path, "/")+"/")
	switch {
	case s.config.Basic != "" && strings.HasPrefix(r.path, "/admin"):
		return s.locked(r)
	case !ok && !folder:
		return s.status(notFound, r)
	case r.method != "GET" && r.method != "HEAD" && r.method != "POST":
		return s.status(notAllowed, r)
	case folder && !strings.HasSuffix(r.path, "/"):
		return s.moved(r, local)
	case folder:
		if f, ok = s.site.files[r.path+s.site.index]; !ok {
			return s.status(forbidden, r)
		}
	}
	if r.method == "POST" {
		return s.status(notAllowed, r)
	}
	if r.body.bad {
		return s.status(badRequest, r)
	}
	return s.file(r, f)
}

// status is the page of a status, compressed where nginx would.
func (s *server) status(status int, r *request) answer {
	a := refusal(status, r)
	if packs(r, a) {
		return s.pack(a)
	}
	return a
}

// locked asks for a password; none is the right one.
func (s *server) locked(r *request) answer {
	a := refusal(unauthorized, r)
	a.extra = []header{{"WWW-Authenticate", `Basic realm="` + s.config.Basic + `"`}}
	return a
}

// moved leads to a folder's own address. nginx names itself as the client did,
// and its own port.
func (s *server) moved(r *request, local netip.AddrPort) answer {
	a := refusal(301, r)
	name := r.server
	if name == "" {
		name = local.Addr().String()
	}
	a.location = "http://" + name
	if port := local.Port(); port != 80 {
		a.location += ":" + strconv.Itoa(int(port))
	}
	a.location += escaped(r.path) + "/"
	if r.query != "" {
		a.location += "?" + r.query
	}
	return a
}

// escaped writes a path as nginx does in Location.
func escaped(path string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(path) {
		c := path[i]
		if isControl(c) || c >= 0x80 || strings.IndexByte(" \"#%<>?\\^`{|}", c) >= 0 {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}
