package policy

import (
	"errors"
	"net/url"
	"strings"
)

var errOrigin = errors.New("this is no origin (RFC 6454)")

// NormalOrigin brings an Origin header into the form that allowed origins have:
// scheme and host in lower case, the port only when it is not the scheme's own.
// "null", paths, user info and wildcards are refused.
func NormalOrigin(origin string) (string, error) {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme == "" || u.Host == "" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.HasSuffix(origin, "#") {
		return "", errOrigin
	}
	host, err := NormalHost(u.Hostname())
	if err != nil {
		return "", errOrigin
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	scheme, port := strings.ToLower(u.Scheme), u.Port()
	if port == "" && strings.HasSuffix(u.Host, ":") {
		return "", errOrigin
	}
	if port != "" && port != ownPort(scheme) {
		host += ":" + port
	}
	return scheme + "://" + host, nil
}

func ownPort(scheme string) string {
	switch scheme {
	case "http", "ws":
		return "80"
	case "https", "wss":
		return "443"
	}
	return ""
}
