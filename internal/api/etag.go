package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// matches reports whether a list of ETags, or *, holds the tag.
func matches(list, tag string) bool {
	return slices.ContainsFunc(strings.Split(list, ","), func(t string) bool {
		t = strings.TrimSpace(t)
		return t == tag || t == "*"
	})
}

// notModified is the answer 304 when the caller has what the tag names already, else nil.
// If-None-Match compares weakly (RFC 9110, 13.1.2).
func notModified(ifNoneMatch, tag string) error {
	if !matches(strongly(ifNoneMatch), tag) {
		return nil
	}
	return huma.ErrorWithHeaders(&Problem{Status: http.StatusNotModified}, http.Header{"ETag": {tag}})
}

// restsOn is nil when If-Match, if it is given, names the version that the tag is of.
// A weak ETag never does (RFC 9110, 13.1.1). No ETag of ours holds a W or a slash.
func restsOn(ifMatch, tag, changed string) error {
	switch {
	case ifMatch == "" || matches(ifMatch, tag):
		return nil
	case matches(strongly(ifMatch), tag):
		return problem(http.StatusPreconditionFailed, "If-Match is a weak ETag, and no change may rest on one; send it without W/, which a proxy that compresses puts before it")
	}
	return problem(http.StatusPreconditionFailed, "%s since you read it; read it again", changed)
}

func strongly(list string) string { return strings.ReplaceAll(list, "W/", "") }

// anyVersion reports whether If-Match lets a change rest on whatever there is.
func anyVersion(ifMatch string) bool { return strings.TrimSpace(ifMatch) == "*" }
