package world

import (
	"fmt"
	"time"

	"go.cordon.dev/cordon/internal/deception/persona"
)

// BootMessage is a line of the kernel's log.
type BootMessage struct {
	After time.Duration // since the kernel's start
	Text  string
}

// BootMessages is what dmesg shows.
func BootMessages(p *persona.Persona) (out []BootMessage) {
	hw, c, m := HardwareOf(p), CPUOf(p), MemoryOf(p, p.Booted)
	r := p.Rand("world: boot messages")
	at := time.Duration(0)
	say := func(format string, args ...any) {
		out = append(out, BootMessage{at, fmt.Sprintf(format, args...)})
		if len(out) > 14 {
			at += time.Duration(r.IntN(90_000)) * time.Microsecond
		}
	}
	say("%s", Version(p))
	say("Command line: %s", BootLine(p))
	say("BIOS-provided physical RAM map:")
	say("BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable")
	say("BIOS-e820: [mem 0x000000000009fc00-0x000000000009ffff] reserved")
	say("BIOS-e820: [mem 0x0000000000100000-0x%016x] usable", min(p.Memory, 0xbffd9000)-1)
	if p.Memory > 3<<30 {
		say("BIOS-e820: [mem 0x0000000100000000-0x%016x] usable", p.Memory+(1<<30)-1)
	}
	say("NX (Execute Disable) protection: active")
	say("DMI: %s %s, BIOS %s %s", hw.Vendor, hw.Product, hw.BIOS, hw.BIOSDate)
	say("Hypervisor detected: %s", hypervisorInLog(hw))
	say("tsc: Detected %.3f MHz processor", c.MHz)
	say("Memory: %dK/%dK available (14342K kernel code, 2332K rwdata, 9060K rodata, 2796K init, 17404K bss, %dK reserved, 0K cma-reserved)", m.Total, p.Memory/1024, p.Memory/1024-m.Total)
	say("smpboot: Allowing %d CPUs, 0 hotplug CPUs", p.CPUs)
	say("smpboot: CPU0: %s (family: 0x%x, model: 0x%x, stepping: 0x%x)", c.Model, c.Family, c.Number, c.Stepping)
	say("smp: Brought up 1 node, %d CPUs", p.CPUs)
	say("devtmpfs: initialized")
	say("NET: Registered PF_NETLINK/PF_ROUTE protocol family")
	say("PCI: Using configuration type 1 for base access")
	say("ACPI: Interpreter enabled")
	say("SCSI subsystem initialized")
	say("clocksource: Switched to clocksource %s", map[string]string{"kvm": "kvm-clock", "vmware": "tsc", "microsoft": "hyperv_clocksource_tsc_page"}[hw.Virt])
	say("Trying to unpack rootfs image as initramfs...")
	say("Freeing initrd memory: 37260K")
	say("Run /init as init process")
	say("scsi 0:0:0:0: Direct-Access     %-8s %-16s 2.5+ PQ: 0 ANSI: 5", hw.DiskVendor, hw.DiskModel)
	blocks := p.Disk/512 + 2*998_400 + 4098
	say("sd 0:0:0:0: [%s] %d 512-byte logical blocks: (%.0f GB/%.0f GiB)", hw.Disk, blocks, float64(blocks)*512/1e9, float64(blocks)*512/(1<<30))
	say(" %s: %s1 %s2 < %s5 >", hw.Disk, hw.Disk, hw.Disk, hw.Disk)
	say("sd 0:0:0:0: [%s] Attached SCSI disk", hw.Disk)
	if hw.Interface != "eth0" {
		say("%s 0000:00:12.0 %s: renamed from eth0", hw.NetDriver, hw.Interface)
	}
	say("EXT4-fs (%s1): mounted filesystem with ordered data mode. Quota mode: none.", hw.Disk)
	at += time.Second
	say("systemd[1]: Inserted module 'autofs4'")
	say("systemd[1]: systemd 252 running in system mode (+PAM +AUDIT +SELINUX +APPARMOR +IMA +SMACK +SECCOMP +GCRYPT -GNUTLS +OPENSSL +ACL +BLKID +CURL +ELFUTILS +FIDO2 +IDN2 -IDN +IPTC +KMOD +LIBCRYPTSETUP +LIBFDISK +PCRE2 -PWQUALITY +P11KIT +QRENCODE +TPM2 +BZIP2 +LZ4 +XZ +ZLIB +ZSTD -BPF_FRAMEWORK -XKBCOMMON +UTMP +SYSVINIT default-hierarchy=unified)")
	say("systemd[1]: Detected virtualization %s.", hw.Virt)
	say("systemd[1]: Detected architecture x86-64.")
	say("systemd[1]: Hostname set to <%s>.", p.Hostname)
	say("EXT4-fs (%s1): re-mounted. Quota mode: none.", hw.Disk)
	say("Adding 998396k swap on /dev/%s5.  Priority:-2 extents:1 across:998396k FS", hw.Disk)
	say("IPv6: ADDRCONF(NETDEV_CHANGE): %s: link becomes ready", hw.Interface)
	return out
}

func hypervisorInLog(hw Hardware) string {
	if hw.Virt == "microsoft" {
		return "Microsoft Hyper-V"
	}
	return hw.Hypervisor
}
