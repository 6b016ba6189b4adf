// Package dlp finds secrets in what programs send, before it is sent. It says what
// it found and where; whether that may pass is the policy's to say.
//
//	i, err := dlp.New(dlp.Options{Scanner: scanner, Fingerprint: ring.Fingerprint})
//	v := i.Head(method, url, fields)      // of a request
//	s := i.Stream(origin, dlp.Body{...})  // its body, passed on as far as it is clean
//
// What several requests send belongs together: m := i.Message(program) looks at one
// of them and remembers, for a while, what may be a piece of a secret (pieces.go,
// trail.go), to try it with pieces of others (pairs.go). Besides the rules of detect
// it asks Options.Own for secrets of this machine, Options.Patterns for those of the
// policy, and Options.Files which files are kept in (dlp/files sees them). All of
// them look at each text that the engine decodes on its way, see detect.Watch; what
// looks for something else is called in search.see.
//
// A body is looked at in windows that overlap, so that a secret is found wherever
// it is cut, and what is passed on lags behind what was looked at: when a secret is
// found, no more of it has left than stood before a pause of the sender, which is
// never all of it. What is compressed as a whole is held whole, up to a limit.
//
// Memory is bounded for all streams together. What cannot be looked at, because it
// is too large, too deep or there is no memory left, is reported as Unseen: strict
// policies refuse it.
//
// Level 2: it may import detect, its own folders and L0. The gateway and the inspectors of other
// protocols use it.
package dlp
