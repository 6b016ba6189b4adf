// Package gitpack takes the objects out of a pack of git (gitformat-pack(5)), as a push
// over HTTP, a bundle and a repository hold them. It imports the standard library only.
//
// Objects that are kept as the difference to another are put together again; of those
// only what is new is handed over, with some of what stands around it: the rest was seen
// with the object they are made from. Where that is in another place, as in what a push
// sends to a repository that has it, the bytes that the difference brings along are all
// there is, and Text.Missing says when more than those could matter.
//
// Memory and time are bounded by what the caller lets be decoded. No sum is checked, so
// that a pack is read as far as it goes.
//
// To read another kind of object, add its number to (*Reader).object.
package gitpack
