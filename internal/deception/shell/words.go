package shell

// wordCost is what a word takes beside its text while a command has it, fieldCost what a
// field does while words are divided.
const (
	wordCost  = 24
	fieldCost = 96
)

// build counts what is being built of words until unbuild: texts that were expanded,
// and the words of commands that run. Doing so takes time, which counts, too. A shell
// that has no memory for it ends, as bash does.
func (sh *shell) build(bytes int) error {
	if !sh.login.hold(bytes) {
		return sh.exhausted(bytes)
	}
	sh.building += bytes
	if bytes < unitsPerStep {
		return nil
	}
	if sh.login.work(sh.ctx, bytes>>2) != nil {
		sh.jumpTo(exits)
		return errFault
	}
	return nil
}

// unbuild gives back what was counted since a mark, which is an earlier sh.building.
func (sh *shell) unbuild(mark int) {
	sh.login.hold(mark - sh.building)
	sh.building = mark
}

// buildWords counts the words of a command.
func (sh *shell) buildWords(words []string) error {
	size := 0
	for _, w := range words {
		size += len(w) + wordCost
	}
	return sh.build(size)
}
