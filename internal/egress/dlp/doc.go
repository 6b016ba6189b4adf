// Package dlp finds secrets in what programs send, before it is sent. It says what
// it found and where; whether that may pass is the policy's to say.
//
//	i, err := dlp.New(dlp.Options{Scanner: scanner, Fingerprint: ring.Fingerprint})
//	v := i.Head(method, url, fields)      // of a request
//	s := i.Stream(origin, dlp.Body{...})  // its body, passed on as far as it is clean
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
// Level 2: it may import detect and L0. The gateway and the inspectors of other
// protocols use it.
package dlp
