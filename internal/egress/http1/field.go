package http1

// NewField makes a field of a name and a value that were read elsewhere, such as from
// HTTP/2.
func NewField(name, value string) Field {
	return Field{Name: []byte(name), Value: []byte(value), Kind: kindOf([]byte(name))}
}
