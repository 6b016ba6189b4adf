// Package leak is the first sensor: source -> decode -> detect -> verdict ->
// quarantine. Sources deliver entries; every string and key of a BZZZ message
// and the raw bytes are scanned; what the policy calls a leak becomes a
// quarantine row, stored together with its event and the source's position in
// one transaction.
//
// Level 2: it may import L0, L1, the public libraries and leak/source. Kinds
// of sources live in leak/source/<kind> and are listed in internal/app.
package leak
