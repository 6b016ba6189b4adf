package persona

import "sync"

// memo is what was made once for a persona.
type memo struct{ made sync.Map }

// Once returns what make made for a purpose when somebody asked first: for what
// takes long to work out and several parts of a decky show. It is safe for
// concurrent use; make must not ask for its own purpose.
func (p *Persona) Once(purpose string, make func() any) any {
	made, _ := p.memo.made.LoadOrStore(purpose, sync.OnceValue(make))
	return made.(func() any)()
}
