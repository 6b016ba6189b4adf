package spool

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
)

// A record in a segment: its length and its checksum (CRC-32C, RFC 3720), four
// bytes each, big endian, then its bytes.
const headSize = 8

// maxRecord bounds a record, and with it what a damaged length can ask for.
const maxRecord = 8 << 20

func checksum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

func frame(record []byte) []byte {
	out := make([]byte, headSize, headSize+len(record))
	binary.BigEndian.PutUint32(out, uint32(len(record)))
	binary.BigEndian.PutUint32(out[4:], checksum(record))
	return append(out, record...)
}

// readSegment hands on the records of a segment. broken says what it could not
// read, empty when that is nothing, or a record that was being appended when
// the process died: nobody was told that it was stored.
func readSegment(name string, handle func([]byte) error) (broken string, err error) {
	f, err := os.Open(name)
	if err != nil {
		return "", fmt.Errorf("reading spool: %w", err)
	}
	defer func() { _ = f.Close() }() // opened for reading: nothing to lose
	return readFrames(bufio.NewReaderSize(f, 64<<10), handle)
}

func readFrames(in io.Reader, handle func([]byte) error) (broken string, err error) {
	for at := int64(0); ; {
		var head [headSize]byte
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return "", tornOr(err)
		}
		n := binary.BigEndian.Uint32(head[:])
		if n == 0 || n > maxRecord {
			return fmt.Sprintf("at byte %d it has a record of %d bytes", at, n), nil
		}
		record := make([]byte, n)
		if _, err := io.ReadFull(in, record); err != nil {
			return "", tornOr(err)
		}
		if checksum(record) != binary.BigEndian.Uint32(head[4:]) {
			return fmt.Sprintf("at byte %d a record does not have its checksum", at), nil
		}
		if err := handle(record); err != nil {
			return "", err
		}
		at += headSize + int64(n)
	}
}

// tornOr is nil at the end of a segment, also when that cuts a record.
func tornOr(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return fmt.Errorf("reading spool: %w", err)
}
