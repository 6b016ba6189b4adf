package anchor

// Place is what a literal of a set is known by: where its window begins, how long
// that is, and its bucket, in one number. It is 0 for the empty literal only.
type Place uint16

// Layout is the places that the literals of some set have. To work them out takes
// most of the time that it takes to make a set.
type Layout map[string]Place

// A place has these bits.
const (
	placeAt     = 0 // four of them: where the window begins
	placeSize   = 4 // three
	placeBucket = 7 // five
)

func placeOf(w window) Place {
	return Place(w.at)<<placeAt | Place(w.size)<<placeSize | Place(w.bucket)<<placeBucket
}

func (p Place) bucket() uint8 { return uint8(p >> placeBucket) }

// window returns the window that the place gives a literal, and whether one may
// be there: a place need not come from this version of the package.
func (p Place) window(literal string) (w window, ok bool) {
	at, size := int(p>>placeAt&maxAt), int(p>>placeSize&7)
	if size == 0 || size > windowSize || size < leastWindow && size < len(literal) || at+size > len(literal) {
		return window{}, false
	}
	if w = windowAt(literal, at, size); p.bucket() >= buckets || w.long() != (p.bucket() < buckets/2) {
		return window{}, false
	}
	w.bucket = p.bucket()
	return w, true
}

// Places returns the place of each literal.
func (s *Set) Places() []Place {
	places := make([]Place, len(s.literals))
	for _, w := range s.windows {
		places[w.literal] = placeOf(w)
	}
	return places
}
