package scan

import (
	"hash/maphash"

	"go.cordon.dev/cordon/detect"
)

// collector takes the results of one input, in order.
type collector struct {
	run    *run
	sink   Sink
	in     *Input
	places places
	author *Author
}

func (c *collector) take(res *result) error {
	sum := &c.run.summary
	if res.skipped != nil {
		sum.NotScanned++
		return c.sink.NotScanned(*res.skipped)
	}
	f := res.finding
	defer f.secret.Wipe()
	c.places.name(&f)
	for _, filter := range c.run.opts.Filters {
		if filter.Allows(&f) {
			sum.Known++
			return nil
		}
	}
	c.credit(&f)
	if v := c.run.opts.Verifier; v != nil {
		f.Verified = string(v.Verify(c.run.ctx, f, f.secret))
	}
	sum.Findings++
	return c.sink.Found(f)
}

// credit says who added a finding. A commit that cannot be read leaves that
// open, which is no reason to keep the finding back.
func (c *collector) credit(f *Finding) {
	if f.Commit == "" || c.in.Describe == nil {
		return
	}
	if c.author == nil {
		a, err := c.in.Describe(c.run.ctx, f.Commit)
		if err != nil {
			return
		}
		c.author = &a
	}
	f.Author, f.Date = c.author.Name+" <"+c.author.Mail+">", &c.author.Date
}

// earlier is what the versions held that an input replaced: how often each
// secret of each rule. A secret is kept as a hash whose seed dies with the run.
type earlier struct {
	seed  maphash.Seed
	count map[oldSecret]int
}

type oldSecret struct {
	rule string
	hash uint64
}

// old says whether a finding stood in what the input replaced. Of a secret that
// stands there once and now twice, one is new.
func (o *output) old(t target, f detect.Finding) bool {
	if len(o.in.Before) == 0 {
		return false
	}
	if o.known == nil {
		o.known = o.before(t)
	}
	key := oldSecret{f.Rule.ID, maphash.Bytes(o.known.seed, f.Secret.Reveal())}
	if o.known.count[key] == 0 {
		return false
	}
	o.known.count[key]--
	return true
}

// before scans the earlier versions. Only what holds a finding comes here, so
// that they are opened rarely.
func (o *output) before(t target) *earlier {
	all := &earlier{maphash.MakeSeed(), map[oldSecret]int{}}
	for _, open := range o.in.Before {
		c, err := open(t.ctx)
		if err != nil {
			continue // what cannot be compared is reported as new
		}
		for k, n := range o.secretsOf(t, c, all.seed) {
			all.count[k] = max(all.count[k], n)
		}
		_ = c.Close()
	}
	return all
}

// secretsOf counts the secrets of an earlier version. It is scanned beside the
// run: it is none of the run's files, and has a worker of its own, since the
// version that replaced it is still in the other's memory.
func (o *output) secretsOf(t target, c Content, seed maphash.Seed) map[oldSecret]int {
	back := &run{opts: o.run.opts, ctx: o.run.ctx}
	back.opts.Progress = silent{}
	if o.worker.spare == nil {
		o.worker.spare = newWorker(back)
	}
	o.worker.spare.run = back
	results := make(chan *result, resultsAhead)
	sub := &output{run: back, worker: o.worker.spare, in: &Input{Name: o.in.Name}, results: results}
	go func() {
		defer close(results)
		left := o.run.opts.budget(c.Size)
		o.worker.spare.content(target{ctx: t.ctx, name: o.in.Name, out: sub, left: &left}, c.Size, sub.counting(c))
	}()
	count := map[oldSecret]int{}
	for res := range results {
		if res.skipped == nil {
			count[oldSecret{res.finding.Rule, maphash.Bytes(seed, res.finding.secret.Reveal())}]++
			res.finding.secret.Wipe()
		}
	}
	return count
}
