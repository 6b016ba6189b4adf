package redis

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"path"
	"strconv"
	"time"

	"go.cordon.dev/cordon/internal/deception/persona"
)

// face is what one decky's Redis has of its own.
type face struct {
	p        *persona.Persona
	pid      int
	started  time.Time
	firstID  int64   // of a client
	perHour  float64 // commands of the application that uses it
	dir      string
	folders  map[string]bool
	identity [32]byte // run and replication ids follow from it
	app      string   // prefix of the keys
}

func newFace(p *persona.Persona) face {
	r := p.Rand("redis: face")
	f := face{
		p: p, pid: 480 + r.IntN(700), started: p.Booted.Add(time.Duration(9+r.IntN(20)) * time.Second), firstID: 40 + r.Int64N(90_000),
		perHour: 900 + float64(r.IntN(60_000)), dir: "/var/lib/redis", identity: p.Derive("redis: run id"),
		app: []string{"app", "shop", "api", "portal", "crm", "web", "backend"}[r.IntN(7)],
	}
	f.folders = folders(p)
	return f
}

// folders are those that exist on the decky as far as CONFIG SET dir tells.
func folders(p *persona.Persona) map[string]bool {
	all := map[string]bool{}
	for _, d := range []string{
		"/", "/bin", "/boot", "/dev", "/dev/shm", "/etc", "/etc/cron.d", "/etc/cron.daily", "/etc/cron.hourly", "/etc/cron.weekly", "/etc/cron.monthly", "/etc/init.d",
		"/etc/profile.d", "/etc/redis", "/etc/ssh", "/etc/systemd", "/etc/systemd/system", "/etc/default", "/home", "/lib", "/media", "/mnt", "/opt", "/root", "/root/.ssh", "/run",
		"/run/redis", "/sbin", "/srv", "/tmp", "/usr", "/usr/bin", "/usr/lib", "/usr/local", "/usr/local/bin", "/usr/sbin", "/usr/share", "/var", "/var/cache",
		"/var/lib", "/var/lib/redis", "/var/log", "/var/log/redis", "/var/mail", "/var/spool", "/var/spool/cron", "/var/spool/cron/crontabs", "/var/tmp", "/proc", "/sys",
	} {
		all[d] = true
	}
	if p.Archetype == "web-server" {
		all["/var/www"], all["/var/www/html"], all["/etc/nginx"] = true, true, true
	}
	for _, u := range p.Users {
		all["/home/"+u.Name], all["/home/"+u.Name+"/.ssh"] = true, true
	}
	return all
}

// enter says what is wrong with a working directory, in libc's words.
func (f face) enter(dir string) string {
	switch {
	case dir == "":
		return "No such file or directory"
	case !path.IsAbs(dir):
		return f.enter(path.Join(f.dir, dir))
	case len(dir) > 4095:
		return "File name too long"
	case f.folders[path.Clean(dir)]:
		return ""
	case dir == "/etc/passwd" || dir == "/etc/crontab" || dir == "/etc/hosts":
		return "Not a directory"
	}
	return "No such file or directory"
}

// id is one of the 40 hexadecimal digits that name a run of the server.
func (f face) id(purpose string, n int) string {
	sum := f.p.Derive(fmt.Sprintf("redis: %s %d", purpose, n))
	return hex.EncodeToString(sum[:20])
}

// lastSave is when the database was last written before an attacker came: the
// application changes enough for a save every few minutes.
func (f face) lastSave(now time.Time) time.Time {
	r := rand.New(rand.NewPCG(uint64(now.Unix()/300), 1))
	return now.Add(-time.Duration(r.IntN(290)) * time.Second).Truncate(time.Second)
}

// commands is how many commands the application has sent by now.
func (f face) commands(now time.Time) int64 {
	return int64(now.Sub(f.started).Hours() * f.perHour)
}

// fill makes the keys that the application left. Values that look secret are
// noise. The instance is locked.
func (s *server) fill(in *instance) {
	if s.config.Keys < 0 {
		return
	}
	r, now := s.setup.Persona.Rand("redis: keys"), s.now()
	n := s.config.Keys
	if n == 0 {
		n = 40 + r.IntN(180)
	}
	w := &writer{r: r, now: now, app: s.face.app, people: s.setup.Persona.Users}
	for i := range n {
		w.one(in.dbs[0], i, n)
	}
	w.fixed(in.dbs[0])
	if r.IntN(2) == 0 {
		for i := range 3 + r.IntN(12) {
			in.dbs[1].keys.put(fmt.Sprintf("%s:rate:%d", s.face.app, 1000+i*7), w.text(strconv.Itoa(r.IntN(60)), time.Duration(1+r.IntN(3600))*time.Second))
		}
	}
}

// writer invents keys.
type writer struct {
	r      *rand.Rand
	now    time.Time
	app    string
	people []persona.User
}

func (w *writer) text(s string, ttl time.Duration) *value {
	v := &value{text: s, used: w.now.Add(-time.Duration(w.r.IntN(86400)) * time.Second)}
	if ttl > 0 {
		v.expires = w.now.Add(ttl)
	}
	return v
}

func (w *writer) token(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = "abcdefghijklmnopqrstuvwxyz0123456789"[w.r.IntN(36)]
	}
	return string(b)
}

func (w *writer) one(d *database, i, n int) {
	switch kindOf := w.r.IntN(10); {
	case kindOf < 5:
		user := 100 + w.r.IntN(4000)
		v := newValue(kHash)
		v.hash.put("user_id", strconv.Itoa(user))
		v.hash.put("ip", fmt.Sprintf("10.%d.%d.%d", w.r.IntN(40), w.r.IntN(256), 1+w.r.IntN(254)))
		v.hash.put("created", strconv.FormatInt(w.now.Add(-time.Duration(w.r.IntN(7200))*time.Second).Unix(), 10))
		v.hash.put("csrf", w.token(32))
		v.expires, v.used = w.now.Add(time.Duration(600+w.r.IntN(86400))*time.Second), w.now.Add(-time.Duration(w.r.IntN(3000))*time.Second)
		d.keys.put(w.app+":session:"+w.token(24), v)
	case kindOf < 8:
		d.keys.put(fmt.Sprintf("%s:cache:product:%d", w.app, 1000+i), w.text(fmt.Sprintf(`{"id":%d,"sku":"%s","price":%d.%02d,"stock":%d}`, 1000+i, w.token(8), 3+w.r.IntN(400), w.r.IntN(100), w.r.IntN(300)), time.Duration(60+w.r.IntN(3600))*time.Second))
	default:
		d.keys.put(fmt.Sprintf("%s:views:%d", w.app, 1000+i), w.text(strconv.Itoa(w.r.IntN(9000)), 0))
	}
}

func (w *writer) fixed(d *database) {
	queue := newValue(kList)
	for i := range w.r.IntN(6) {
		queue.list = append(queue.list, fmt.Sprintf(`{"job":"SendMail","id":"%s","attempts":%d}`, w.token(16), i%2))
	}
	if len(queue.list) > 0 {
		d.keys.put(w.app+":queue:default", queue)
	}
	online, board := newValue(kSet), newValue(kZset)
	for range 4 + w.r.IntN(12) {
		id := strconv.Itoa(100 + w.r.IntN(4000))
		online.set.put(id, struct{}{})
		board.zset.put("user:"+id, float64(w.r.IntN(5000)))
	}
	d.keys.put(w.app+":online", online)
	d.keys.put(w.app+":leaderboard", board)
	flags := newValue(kHash)
	for _, f := range []string{"maintenance", "new_checkout", "signup_open"} {
		flags.hash.put(f, strconv.Itoa(w.r.IntN(2)))
	}
	for _, u := range w.people {
		flags.hash.put("beta:"+u.Name, "1")
	}
	d.keys.put(w.app+":flags", flags)
}
