package redis

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

func infoCommands() map[string]handler { return map[string]handler{"info": info} }

// sections are those of INFO in their order; the ones behind "everything" are
// not in the default.
func sections() []string {
	return strings.Fields("server clients memory persistence stats replication cpu modules commandstats errorstats latencystats cluster keyspace")
}

func info(k *call) {
	want := map[string]bool{}
	for _, s := range k.args[1:] {
		want[strings.ToLower(s)] = true
	}
	some := len(want) > 0 && !want["default"]
	all := want["all"] || want["everything"]
	var parts []string
	for _, s := range sections() {
		extra := oneOf(s, "commandstats", "latencystats")
		if want[s] || all || !some && !extra {
			if text := k.in.section(s, k.now); text != "" {
				parts = append(parts, text)
			}
		}
	}
	k.r.text(strings.Join(parts, "\r\n"))
}

func (in *instance) section(name string, now time.Time) string {
	title := strings.ToUpper(name[:1]) + name[1:]
	var lines []string
	switch name {
	case "server":
		lines = in.infoServer(now)
	case "clients":
		lines = in.infoClients()
	case "memory":
		lines = in.infoMemory(now)
	case "persistence":
		lines = in.infoPersistence()
	case "stats":
		lines = in.infoStats(now)
	case "replication":
		lines = in.infoReplication(now)
	case "cpu":
		title, lines = "CPU", in.infoCPU(now)
	case "commandstats":
		lines = in.infoCommands(now)
	case "errorstats":
		for word, n := range in.stats.kinds {
			lines = append(lines, fmt.Sprintf("errorstat_%s:count=%d", word, n))
		}
		slices.Sort(lines)
	case "latencystats":
		lines = in.infoLatency()
	case "cluster":
		lines = []string{"cluster_enabled:0"}
	case "keyspace":
		lines = in.infoKeyspace(now)
	}
	return "# " + title + "\r\n" + strings.Join(append(lines, ""), "\r\n")
}

// since is how long the server runs.
func (in *instance) since(now time.Time) time.Duration {
	if !in.restart.IsZero() {
		return now.Sub(in.restart)
	}
	return now.Sub(in.srv.face.started)
}

// before is how many commands the application sent, as far as they are still
// counted.
func (in *instance) before(now time.Time) int64 {
	if in.reset || !in.restart.IsZero() {
		return 0
	}
	return in.srv.face.commands(now)
}

func (in *instance) infoServer(now time.Time) []string {
	f, up := in.srv.face, int64(in.since(now).Seconds())
	return []string{
		"redis_version:" + Version, "redis_git_sha1:00000000", "redis_git_dirty:0", "redis_build_id:e08dbad3e06f3fb", "redis_mode:standalone",
		"os:Linux " + f.p.OS.Release + " " + f.p.OS.Machine, "arch_bits:64", "monotonic_clock:POSIX clock_gettime", "multiplexing_api:epoll", "atomicvar_api:c11-builtin",
		"gcc_version:12.2.0", fmt.Sprintf("process_id:%d", in.pid()), "process_supervised:systemd", "run_id:" + f.id("run", in.starts), "tcp_port:" + in.settings.get("port"),
		fmt.Sprintf("server_time_usec:%d", now.UnixMicro()), fmt.Sprintf("uptime_in_seconds:%d", up), fmt.Sprintf("uptime_in_days:%d", up/86400),
		"hz:" + in.settings.get("hz"), "configured_hz:" + in.settings.get("hz"), fmt.Sprintf("lru_clock:%d", now.Unix()&(1<<24-1)),
		"executable:/usr/bin/redis-server", "config_file:/etc/redis/redis.conf", "io_threads_active:0",
	}
}

func (in *instance) pid() int { return in.srv.face.pid + in.starts*1741 }

func (in *instance) infoClients() []string {
	return []string{
		fmt.Sprintf("connected_clients:%d", len(in.clients)), "cluster_connections:0", "maxclients:" + in.settings.get("maxclients"),
		"client_recent_max_input_buffer:20480", "client_recent_max_output_buffer:0", "blocked_clients:0", "tracking_clients:0", "clients_in_timeout_table:0",
	}
}

// readable writes a size as INFO does: 894.80K.
func readable(n int64) string {
	for i, unit := range []string{"B", "K", "M", "G", "T"} {
		if size := float64(n) / float64(int64(1)<<(10*i)); size < 1024 || unit == "T" {
			if i == 0 {
				return fmt.Sprintf("%dB", n)
			}
			return fmt.Sprintf("%.2f%s", size, unit)
		}
	}
	return ""
}

func (in *instance) infoMemory(now time.Time) []string {
	const startup = 876056
	f := in.srv.face
	in.measure()
	clients := int64(len(in.clients)) * 22298
	used := startup + in.bytes.Load() + clients
	peak := max(used, startup+in.bytes.Load()*13/10+90_000)
	overhead := startup + clients + int64(in.dbs[0].keys.len())*72
	rss, total := used+used/3+9_800_000+int64(f.pid)*512, int64(f.p.Memory)*97/100
	scripts := int64(len(in.scripts)) * 344
	row := func(name string, n int64) []string {
		return []string{fmt.Sprintf("%s:%d", name, n), fmt.Sprintf("%s_human:%s", name, readable(n))}
	}
	out := slices.Concat(row("used_memory", used), row("used_memory_rss", rss), row("used_memory_peak", peak), []string{
		fmt.Sprintf("used_memory_peak_perc:%.2f%%", float64(used)/float64(peak)*100), fmt.Sprintf("used_memory_overhead:%d", overhead), fmt.Sprintf("used_memory_startup:%d", startup),
		fmt.Sprintf("used_memory_dataset:%d", used-overhead), fmt.Sprintf("used_memory_dataset_perc:%.2f%%", float64(used-overhead)/float64(used-startup)*100),
		fmt.Sprintf("allocator_allocated:%d", used+612_480), fmt.Sprintf("allocator_active:%d", used+910_312), fmt.Sprintf("allocator_resident:%d", used+3_604_480),
	}, row("total_system_memory", total), []string{
		"used_memory_lua:31744", "used_memory_vm_eval:31744", "used_memory_lua_human:31.00K", fmt.Sprintf("used_memory_scripts_eval:%d", scripts),
		fmt.Sprintf("number_of_cached_scripts:%d", len(in.scripts)), "number_of_functions:0", "number_of_libraries:0", "used_memory_vm_functions:32768",
		"used_memory_vm_total:64512", "used_memory_vm_total_human:63.00K", "used_memory_functions:184",
	}, row("used_memory_scripts", scripts+184), []string{
		"maxmemory:" + in.settings.get("maxmemory"), "maxmemory_human:" + readable(atoi(in.settings.get("maxmemory"))), "maxmemory_policy:" + in.settings.get("maxmemory-policy"),
		fmt.Sprintf("allocator_frag_ratio:%.2f", float64(used+910_312)/float64(used+612_480)), "allocator_frag_bytes:297832",
		fmt.Sprintf("allocator_rss_ratio:%.2f", float64(used+3_604_480)/float64(used+910_312)), "allocator_rss_bytes:2694168",
		fmt.Sprintf("rss_overhead_ratio:%.2f", float64(rss)/float64(used+3_604_480)), fmt.Sprintf("rss_overhead_bytes:%d", rss-used-3_604_480),
		fmt.Sprintf("mem_fragmentation_ratio:%.2f", float64(rss)/float64(used)), fmt.Sprintf("mem_fragmentation_bytes:%d", rss-used),
		"mem_not_counted_for_evict:0", "mem_replication_backlog:0", "mem_total_replication_buffers:0", "mem_clients_slaves:0", fmt.Sprintf("mem_clients_normal:%d", clients),
		"mem_cluster_links:0", "mem_aof_buffer:0", "mem_allocator:jemalloc-5.3.0", "active_defrag_running:0", "lazyfree_pending_objects:0", "lazyfreed_objects:0",
	})
	return out
}

func (in *instance) infoPersistence() []string {
	return []string{
		"loading:0", "async_loading:0", "current_cow_peak:0", "current_cow_size:0", "current_cow_size_age:0", "current_fork_perc:0.00", "current_save_keys_processed:0",
		"current_save_keys_total:0", fmt.Sprintf("rdb_changes_since_last_save:%d", in.changes), "rdb_bgsave_in_progress:0", fmt.Sprintf("rdb_last_save_time:%d", in.saved.Unix()),
		"rdb_last_bgsave_status:ok", "rdb_last_bgsave_time_sec:0", "rdb_current_bgsave_time_sec:-1", fmt.Sprintf("rdb_saves:%d", in.stats.saves+in.before(in.saved)/9000),
		"rdb_last_cow_size:442368", "rdb_last_load_keys_expired:0", fmt.Sprintf("rdb_last_load_keys_loaded:%d", 31+in.srv.face.pid%97), "aof_enabled:0", "aof_rewrite_in_progress:0",
		"aof_rewrite_scheduled:0", "aof_last_rewrite_time_sec:-1", "aof_current_rewrite_time_sec:-1", "aof_last_bgrewrite_status:ok", "aof_rewrites:0",
		"aof_rewrites_consecutive_failures:0", "aof_last_write_status:ok", "aof_last_cow_size:0", "module_fork_in_progress:0", "module_fork_last_cow_size:0",
	}
}

func (in *instance) infoStats(now time.Time) []string {
	s, app := &in.stats, in.before(now)
	number := func(name string, n int64) string { return fmt.Sprintf("%s:%d", name, n) }
	out := []string{
		number("total_connections_received", s.connections+app/11), number("total_commands_processed", s.commands+app), "instantaneous_ops_per_sec:0",
		number("total_net_input_bytes", s.in+app*61), number("total_net_output_bytes", s.out+app*207), "total_net_repl_input_bytes:0", "total_net_repl_output_bytes:0",
		"instantaneous_input_kbps:0.00", "instantaneous_output_kbps:0.00", "instantaneous_input_repl_kbps:0.00", "instantaneous_output_repl_kbps:0.00", "rejected_connections:0",
		"sync_full:0", "sync_partial_ok:0", "sync_partial_err:0", number("expired_keys", s.expired+app/37), "expired_stale_perc:0.00", "expired_time_cap_reached_count:0",
		number("expire_cycle_cpu_milliseconds", int64(in.since(now).Seconds()/31)), "evicted_keys:0", "evicted_clients:0", "total_eviction_exceeded_time:0", "current_eviction_exceeded_time:0",
		number("keyspace_hits", s.hits+app*6/10), number("keyspace_misses", s.misses+app/9), number("pubsub_channels", int64(len(in.channels))), number("pubsub_patterns", int64(len(in.patterns))),
		"pubsubshard_channels:0", number("latest_fork_usec", 310+int64(in.srv.face.pid)), number("total_forks", s.saves+app/9000), "migrate_cached_sockets:0", "slave_expires_tracked_keys:0",
		"active_defrag_hits:0", "active_defrag_misses:0", "active_defrag_key_hits:0", "active_defrag_key_misses:0", "total_active_defrag_time:0", "current_active_defrag_time:0",
		"tracking_total_keys:0", "tracking_total_items:0", "tracking_total_prefixes:0", "unexpected_error_replies:0", number("total_error_replies", s.errors),
		"dump_payload_sanitizations:0", number("total_reads_processed", s.reads+app+app/11), number("total_writes_processed", s.reads+app), "io_threaded_reads_processed:0",
		"io_threaded_writes_processed:0", number("reply_buffer_shrinks", 14+app/5000), number("reply_buffer_expands", app/9100),
	}
	return out
}

func (in *instance) infoReplication(now time.Time) []string {
	f, p := in.srv.face, in.primary
	state := []string{"role:master"}
	id1, id2, second := f.id("replication", in.starts), strings.Repeat("0", 40), "-1"
	if p.host != "" {
		down := int64(-1)
		state = []string{
			"role:slave", "master_host:" + p.host, "master_port:" + p.port, "master_link_status:down", "master_last_io_seconds_ago:-1", "master_sync_in_progress:0",
			"slave_read_repl_offset:0", "slave_repl_offset:0", fmt.Sprintf("master_link_down_since_seconds:%d", down), "slave_priority:" + in.settings.get("slave-priority"),
			"slave_read_only:1", "replica_announced:1",
		}
	}
	if in.followed > 0 {
		id1, id2, second = f.id("replication", 1000+in.followed), id1, "1"
	}
	return append(state, "connected_slaves:0", "master_failover_state:no-failover", "master_replid:"+id1, "master_replid2:"+id2, "master_repl_offset:0",
		"second_repl_offset:"+second, "repl_backlog_active:0", "repl_backlog_size:"+in.settings.get("repl-backlog-size"), "repl_backlog_first_byte_offset:0", "repl_backlog_histlen:0")
}

func (in *instance) infoCPU(now time.Time) []string {
	up := in.since(now).Seconds()
	sys, user := up*0.00093+float64(in.stats.commands)*9e-6, up*0.00121+float64(in.stats.commands)*11e-6
	return []string{
		fmt.Sprintf("used_cpu_sys:%.6f", sys), fmt.Sprintf("used_cpu_user:%.6f", user), fmt.Sprintf("used_cpu_sys_children:%.6f", up*1.1e-5),
		fmt.Sprintf("used_cpu_user_children:%.6f", up*2.7e-5), fmt.Sprintf("used_cpu_sys_main_thread:%.6f", sys*0.994), fmt.Sprintf("used_cpu_user_main_thread:%.6f", user*0.991),
	}
}

// counts adds what the application called to what this attacker did.
func (in *instance) counts(now time.Time) map[string]calls {
	out := map[string]calls{}
	app := in.before(now)
	for name, share := range map[string]int64{"get": 3, "set": 11, "setex": 9, "hgetall": 6, "hset": 17, "expire": 15, "lpush": 90, "rpop": 41, "zincrby": 55, "incr": 23} {
		if app > 0 {
			out[name] = calls{n: app / share, usec: app / share * 4}
		}
	}
	for name, c := range in.stats.calls {
		sum := out[name]
		out[name] = calls{sum.n + c.n, sum.usec + c.usec, sum.rejected + c.rejected, sum.failed + c.failed}
	}
	return out
}

func (in *instance) infoCommands(now time.Time) (out []string) {
	for name, c := range in.counts(now) {
		per := 0.0
		if c.n > 0 {
			per = float64(c.usec) / float64(c.n)
		}
		out = append(out, fmt.Sprintf("cmdstat_%s:calls=%d,usec=%d,usec_per_call=%.2f,rejected_calls=%d,failed_calls=%d", name, c.n, c.usec, per, c.rejected, c.failed))
	}
	slices.Sort(out)
	return out
}

func (in *instance) infoLatency() (out []string) {
	for name := range in.stats.calls {
		out = append(out, fmt.Sprintf("latency_percentiles_usec_%s:p50=4.015,p99=%d.031,p99.9=%d.127", name, 9+len(name), 21+2*len(name)))
	}
	slices.Sort(out)
	return out
}

func (in *instance) infoKeyspace(now time.Time) (out []string) {
	for i, d := range in.dbs {
		if d.keys.len() == 0 {
			continue
		}
		n, sum := d.expiring(now)
		average := int64(0)
		if n > 0 {
			average = sum.Milliseconds() / int64(n)
		}
		out = append(out, fmt.Sprintf("db%d:keys=%d,expires=%d,avg_ttl=%d", i, d.keys.len(), n, average))
	}
	return out
}

func atoi(s string) int64 {
	n, _ := number(s)
	return n
}
