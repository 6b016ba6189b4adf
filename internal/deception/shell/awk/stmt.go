package awk

import "bytes"

// stmt is a statement.
type stmt interface{ exec(in *interp) flow }

type exprStmt struct{ e expr }

func (s *exprStmt) exec(in *interp) flow {
	s.e.eval(in)
	return flowOn
}

type blockStmt struct{ list []stmt }

func (s *blockStmt) exec(in *interp) flow { return in.exec(s.list) }

type ifStmt struct {
	test    expr
	yes, no []stmt
}

func (s *ifStmt) exec(in *interp) flow {
	if s.test.eval(in).true() {
		return in.exec(s.yes)
	}
	return in.exec(s.no)
}

// loopStmt is while, do and for; first says that the body comes before the test.
type loopStmt struct {
	init  stmt
	test  expr
	step  stmt
	body  []stmt
	first bool
}

func (s *loopStmt) exec(in *interp) flow {
	if s.init != nil {
		s.init.exec(in)
	}
	for first := s.first; first || s.test == nil || s.test.eval(in).true(); first = false {
		in.step()
		if f := in.exec(s.body); f == flowBreak {
			break
		} else if f > flowContinue {
			return f
		}
		if s.step != nil {
			s.step.exec(in)
		}
	}
	return flowOn
}

type forInStmt struct {
	name, array *variable
	body        []stmt
}

func (s *forInStmt) exec(in *interp) flow {
	keys := in.array(s.array.cell(in)).keys()
	size := 0
	for _, k := range keys {
		size += 16 + len(k)
	}
	in.hold(size)
	defer func() { in.held -= size }()
	for _, k := range keys {
		in.step()
		s.name.set(in, fromOutside(k))
		if f := in.exec(s.body); f == flowBreak {
			break
		} else if f > flowContinue {
			return f
		}
	}
	return flowOn
}

type flowStmt struct {
	flow  flow
	value expr
}

func (s *flowStmt) exec(in *interp) flow {
	if s.value != nil {
		v := s.value.eval(in)
		if s.flow == flowExit {
			in.status = int(v.number()) & 0xff
		} else {
			in.result = v
		}
	}
	return s.flow
}

type deleteStmt struct {
	array *variable
	index []expr
}

func (s *deleteStmt) exec(in *interp) flow {
	a := in.array(s.array.cell(in))
	if s.index == nil {
		a.clear(in)
		return flowOn
	}
	a.delete(in, in.key(s.index))
	return flowOn
}

type printStmt struct {
	format bool
	args   []expr
	op     string // how it is redirected
	to     expr
}

func (s *printStmt) exec(in *interp) flow {
	var out []byte
	if s.format {
		out = []byte(in.format("printf", s.args))
	} else {
		out = s.fields(in)
	}
	in.whole(len(out))
	to := in.stdout
	if s.op != "" {
		to = in.output(s.op, in.convert(s.to.eval(in)))
	}
	to.write(out)
	return flowOn
}

func (s *printStmt) fields(in *interp) []byte {
	var out bytes.Buffer
	for i, a := range s.args {
		if i > 0 {
			out.WriteString(in.text(slotOFS))
		}
		v := a.eval(in)
		if v.form == number {
			out.WriteString(v.text(in.text(slotOFMT)))
		} else {
			out.WriteString(v.s)
		}
		in.whole(out.Len())
	}
	if len(s.args) == 0 {
		out.WriteString(in.line())
	}
	out.WriteString(in.text(slotORS))
	return out.Bytes()
}
