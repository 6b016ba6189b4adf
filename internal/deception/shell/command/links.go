package command

import (
	"context"
	"fmt"
	"net"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/world"
)

// ip shows addresses, links, routes and neighbours.
func ip(_ context.Context, p *shell.Proc) int {
	var words []string
	flags := map[string]bool{}
	for _, arg := range p.Args[1:] {
		if strings.HasPrefix(arg, "-") {
			flags[strings.TrimLeft(arg, "-")] = true
		} else {
			words = append(words, arg)
		}
	}
	if flags["V"] || flags["Version"] {
		fmt.Fprintln(p.Out, "ip utility, iproute2-6.1.0, libbpf 1.1.0")
		return 0
	}
	if len(words) == 0 {
		fmt.Fprint(p.Err, "Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }\n       ip [ -force ] -batch filename\n")
		return 255
	}
	verb := field(words, 1)
	if verb != "" && !isPrefix(verb, "show") && !isPrefix(verb, "list") && verb != "get" && verb != "dev" {
		if p.User.UID != 0 {
			fmt.Fprintln(p.Err, "RTNETLINK answers: Operation not permitted")
			return 2
		}
		return 0
	}
	switch object := words[0]; {
	case isPrefix(object, "address"):
		ipAddress(p, words, flags)
	case isPrefix(object, "link"):
		ipLink(p, flags)
	case isPrefix(object, "route"):
		ipRoute(p, words)
	case isPrefix(object, "neighbour") || isPrefix(object, "neighbor"):
		n := network(p)
		fmt.Fprintf(p.Out, "%s dev %s lladdr %s REACHABLE \n", n.Gateway, n.Interface, world.GatewayMAC(p.Machine.Persona()))
	case isPrefix(object, "rule"):
		fmt.Fprint(p.Out, "0:\tfrom all lookup local\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n")
	default:
		fmt.Fprintf(p.Err, "Object \"%s\" is unknown, try \"ip help\".\n", object)
		return 1
	}
	return 0
}

func isPrefix(s, of string) bool { return s != "" && strings.HasPrefix(of, s) }

// broadcast is the last address of a network of 24 bits.
func broadcast(n world.Network) string {
	a := n.Address.Addr().As4()
	return fmt.Sprintf("%d.%d.%d.255", a[0], a[1], a[2])
}

// linkLocal is the address that a card gives itself (RFC 4291, appendix A).
func linkLocal(mac net.HardwareAddr) string {
	return fmt.Sprintf("fe80::%x:%xff:fe%02x:%x", uint16(mac[0]^2)<<8|uint16(mac[1]), mac[2], mac[3], uint16(mac[4])<<8|uint16(mac[5]))
}

func ipAddress(p *shell.Proc, words []string, flags map[string]bool) {
	n, mac := network(p), p.Machine.Persona().MAC
	only := words[len(words)-1]
	v4, v6 := !flags["6"], !flags["4"]
	if flags["br"] || flags["brief"] {
		fmt.Fprintf(p.Out, "lo               UNKNOWN        127.0.0.1/8 ::1/128 \n%-16s UP             %s %s/64 \n", n.Interface, n.Address, linkLocal(mac))
		return
	}
	if only != n.Interface {
		fmt.Fprint(p.Out, "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000\n    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n")
		if v4 {
			fmt.Fprint(p.Out, "    inet 127.0.0.1/8 scope host lo\n       valid_lft forever preferred_lft forever\n")
		}
		if v6 {
			fmt.Fprint(p.Out, "    inet6 ::1/128 scope host noprefixroute \n       valid_lft forever preferred_lft forever\n")
		}
	}
	if only == "lo" {
		return
	}
	fmt.Fprintf(p.Out, "2: %s: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq_codel state UP group default qlen 1000\n    link/ether %s brd ff:ff:ff:ff:ff:ff\n", n.Interface, mac)
	if n.Interface != "eth0" {
		fmt.Fprintf(p.Out, "    altname enp0s%s\n", strings.TrimPrefix(n.Interface, "ens"))
	}
	if v4 {
		left := 86400 - int(p.Now().Sub(booted(p)).Seconds())%43200
		fmt.Fprintf(p.Out, "    inet %s brd %s scope global dynamic %s\n       valid_lft %dsec preferred_lft %dsec\n", n.Address, broadcast(n), n.Interface, left, left)
	}
	if v6 {
		fmt.Fprintf(p.Out, "    inet6 %s/64 scope link \n       valid_lft forever preferred_lft forever\n", linkLocal(mac))
	}
}

func ipLink(p *shell.Proc, flags map[string]bool) {
	n, mac := network(p), p.Machine.Persona().MAC
	if flags["br"] {
		fmt.Fprintf(p.Out, "lo               UNKNOWN        00:00:00:00:00:00 <LOOPBACK,UP,LOWER_UP> \n%-16s UP             %s <BROADCAST,MULTICAST,UP,LOWER_UP> \n", n.Interface, mac)
		return
	}
	fmt.Fprintf(p.Out, "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000\n    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n2: %s: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq_codel state UP mode DEFAULT group default qlen 1000\n    link/ether %s brd ff:ff:ff:ff:ff:ff\n", n.Interface, mac)
}

func ipRoute(p *shell.Proc, words []string) {
	n := network(p)
	if field(words, 1) == "get" && len(words) > 2 {
		fmt.Fprintf(p.Out, "%s via %s dev %s src %s uid %d \n    cache \n", words[2], n.Gateway, n.Interface, n.Address.Addr(), p.User.UID)
		return
	}
	fmt.Fprintf(p.Out, "default via %s dev %s \n%s dev %s proto kernel scope link src %s \n", n.Gateway, n.Interface, n.Address.Masked(), n.Interface, n.Address.Addr())
}

// ss lists sockets: the machine's listeners, and this login's connection.
func ss(_ context.Context, p *shell.Proc) int {
	a, status := options(p, tool{spec: "n,numeric r,resolve a,all l,listening o,options e,extended m,memory p,processes i,info s,summary t,tcp u,udp w,raw x,unix 4,ipv4 6,ipv6 H,no-header O,oneline f,family: K,kill", usage: "[ OPTIONS ] [ FILTER ]", version: "utility, iproute2-6.1.0", bad: 255})
	if a == nil {
		return status
	}
	all := !a.has("t", "u", "x", "w")
	if a.has("s") {
		fmt.Fprintf(p.Out, "Total: 112\nTCP:   %d (estab 1, closed 0, orphaned 0, timewait 0)\n\nTransport Total     IP        IPv6\nRAW\t  0         0         0        \nUDP\t  1         1         0        \nTCP\t  3         2         1        \nINET\t  4         3         1        \nFRAG\t  0         0         0        \n\n", len(world.Listeners(p.Machine.Persona()))+1)
		return 0
	}
	rows := [][]string{}
	head := []string{"State", "Recv-Q", "Send-Q", "Local Address:Port", "Peer Address:Port", "Process"}
	two := a.has("t") && a.has("u") || all
	if two {
		head = append([]string{"Netid"}, head...)
	}
	if !a.has("H") {
		rows = append(rows, head)
	}
	add := func(netid string, cells ...string) {
		if two {
			cells = append([]string{netid}, cells...)
		}
		rows = append(rows, cells)
	}
	if a.has("u") || all {
		if a.has("l", "a") {
			add("udp", "UNCONN", "0", "0", "0.0.0.0:"+portName(a, "68", "bootpc"), "0.0.0.0:*", owner(p, a, "dhclient", 7))
		}
	}
	if a.has("t") || all {
		ssTCP(p, a, add)
	}
	columns(p.Out, rows, nil, " ")
	return 0
}

func portName(a *arguments, number, name string) string {
	if a.has("n") {
		return number
	}
	return name
}

func owner(p *shell.Proc, a *arguments, program string, fd int) string {
	if !a.has("p") || p.User.UID != 0 {
		return ""
	}
	for _, d := range world.Processes(p.Machine.Persona(), p.Now()) {
		if d.Name == program {
			return fmt.Sprintf("users:((%q,pid=%d,fd=%d))", program, d.PID, fd)
		}
	}
	return ""
}

func ssTCP(p *shell.Proc, a *arguments, add func(string, ...string)) {
	names := map[int]string{21: "ftp", 22: "ssh", 80: "http", 5432: "postgresql"}
	if a.has("l", "a") {
		for i, l := range world.Listeners(p.Machine.Persona()) {
			port := portName(a, fmt.Sprint(l.Port), names[l.Port])
			add("tcp", "LISTEN", "0", map[string]string{"sshd": "128", "nginx": "511", "postgres": "244", "vsftpd": "32"}[l.Program], l.Address+":"+port, l.Address+":*", owner(p, a, l.Program, 3+i))
		}
	}
	if p.Session != nil && !a.has("l") {
		local, peer := p.Session.Local(), p.Session.Client()
		add("tcp", "ESTAB", "0", "0", fmt.Sprintf("%s:%s", local.Addr(), portName(a, fmt.Sprint(local.Port()), orElse(names[int(local.Port())], fmt.Sprint(local.Port())))), peer.String(), "")
	}
}

func nft(_ context.Context, p *shell.Proc) int {
	if p.User.UID != 0 {
		fmt.Fprintln(p.Err, "Operation not permitted (you must be root)")
		return 1
	}
	return 0
}
