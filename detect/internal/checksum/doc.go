// Package checksum knows the check sums that formats of tokens and keys carry:
// CRC-32 in base 36, base58check, bech32, NATS' CRC-16. A right sum is as good as
// proof, for a random text has one by a chance of one in thousands or billions.
//
// It imports the standard library only. To add one, write a function that takes
// the whole text of the token and says whether its sum is right, name its public
// source, and test it with a vector of that source.
package checksum
