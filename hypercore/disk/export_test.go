package disk

// ParseImage decodes an oplog image whose external header is the image itself.
func ParseImage(image []byte) (*State, error) {
	return parseImage(image, func(start, length uint64) ([]byte, error) {
		if start > uint64(len(image)) || length > uint64(len(image))-start {
			return nil, ErrCorrupt
		}
		return clone(image[start : start+length]), nil
	})
}

// DecodeHeader and DecodeEntry run the decoders of single records.
func DecodeHeader(b []byte) error { _, err := decodeHeader(b); return err }

func DecodeEntry(b []byte) error { _, err := decodeEntry(b); return err }

// ReadSlot returns the payload of the current header slot.
func ReadSlot(image []byte) []byte { p, _, _ := slots(image); return p }
