// Package anchor finds every occurrence of some thousands of short literals in a
// text, in one pass and at nearly the speed of memory, and the long stretches of
// a text that consist of one class of bytes. The detection engine looks only
// where the first finds something, its decoders only where the second does. It
// knows nothing of rules, and imports nothing but the standard library and
// golang.org/x/sys/cpu.
//
//	set := anchor.New([]string{"akia", "ghp_"}) // ids are 0 and 1
//	hits, next := set.Find(text, 0, make([]anchor.Hit, 0, 256))
//
// # How literals are found
//
// Every literal is known by a window of three or four of its bytes: rare ones
// ("cel_" of "vercel_token", not what many words begin with), or such as others
// are known by already. The windows are dealt into 32 buckets, so that those of a
// bucket resemble each other. A kernel marks the places of the text where some
// bucket allows all bytes, some ten times as many as have a window. Vector kernels
// look up halves of bytes, sixteen at once or more with one instruction; this is
// the Teddy algorithm of Hyperscan (Wang and others, "Hyperscan: a fast
// multi-pattern regex matcher for modern CPUs", NSDI 2019), except that the high
// halves of two neighbours, of which ASCII without case has four kinds, are looked
// up together. Marks are then cleared where the text has a hash that no window
// has. Three bytes around what is left tell which literals of that window it can
// be, some places at a time, and those are compared, the first eight bytes at once.
//
// Which window a literal is known by, and which bucket that is in, takes most of
// the time to make a set. Both can be kept (Places) and given to the next set that
// holds the literal (NewLike); the others get theirs beside it.
//
// # What it costs
//
// The time is linear in the text whatever stands in it: a call marks at most twice
// what it gets through and four places more for each hit that it has room for, and
// compares each at most with all literals of the window there, at 2 ns each.
//
// On one core of a Xeon of 2.5 GHz that other programs kept busy, in two runs, each
// of the quickest times of small pieces, the builtin rules' 844 literals were found
// at 3.4 to 4.9 GB/s (AVX-512), 1.7 to 2.9 (AVX2) and 0.6 to 0.9 (portable) where
// nothing resembles them. In Go's source, with 6 hits in a KiB, it was 0.9 to 1.4,
// 0.8 to 1.2 and 0.3 to 0.5: most of the time goes into marks and hits, not into
// vectors. In documentation, with 17, it was 0.5 to 0.9, 0.4 to 0.9 and 0.2 to 0.3.
// With 3,000 literals, most of them words, it is 0.3 to 0.5 with vectors. An
// automaton (Aho-Corasick) went through all these at 0.3 to 0.5. It is better at a
// text made of nothing but literals ("key-token_key-token_"), by a factor of two or
// more.
//
// A set takes 30 KB and 100 bytes for each literal, and for the portable kernel
// 256 KB more. A literal of two bytes takes 4 KB if others are longer.
//
// Sets find other things, too: one of `\u`, `\x`, `&#` and `%0` to `%f` finds what
// is escaped.
//
// # How to add a kernel
//
// A kernel is a function that marks places, as fill describes. Give it a Kernel
// constant, list it in the kernels of its platform, and call it in that platform's
// fill, sift and classify: the tests force every kernel that the machine has, and
// hold it to what the tables say. The assembly for amd64 is generated, see
// gen/main.go; that for arm64 is written by hand.
package anchor
