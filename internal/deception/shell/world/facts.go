package world

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"

	"go.cordon.dev/cordon/internal/deception/persona"
)

// Network is how the machine is connected.
type Network struct {
	Interface string       // as the kernel names the card
	Driver    string       // the card's kernel module
	Address   netip.Prefix // the machine's, with the length of its network
	Gateway   netip.Addr
	DNS       netip.Addr
}

// NetworkOf returns the machine's network. local is where a client reached it;
// when that tells nothing, the network is an invented private one.
func NetworkOf(p *persona.Persona, local netip.Addr) Network {
	r := p.Rand("world: network")
	hw := HardwareOf(p)
	base := [4]byte{10, byte(r.UintN(200)), byte(1 + r.UintN(60)), 0}
	if r.IntN(3) == 0 {
		base = [4]byte{192, 168, byte(1 + r.UintN(90)), 0}
	}
	host := byte(10 + r.UintN(200))
	gateway := []byte{1, 1, 254}[r.IntN(3)]
	if local = local.Unmap(); local.Is4() && !local.IsLoopback() && !local.IsUnspecified() {
		base, host = local.As4(), local.As4()[3]
	}
	if gateway == host {
		gateway = 2
	}
	n := Network{Interface: hw.Interface, Driver: hw.NetDriver}
	at := func(last byte) netip.Addr { return netip.AddrFrom4([4]byte{base[0], base[1], base[2], last}) }
	n.Address, n.Gateway = netip.PrefixFrom(at(host), 24), at(gateway)
	n.DNS = n.Gateway
	return n
}

// Hardware is what the machine's firmware and buses tell; it fits the maker of
// the persona's network card.
type Hardware struct {
	Hypervisor string // as lscpu and systemd-detect-virt say
	Virt       string // systemd's word for it
	Vendor     string // /sys/class/dmi/id/sys_vendor
	Product    string
	Version    string
	BIOS       string
	BIOSDate   string
	BIOSVendor string
	Interface  string
	NetDriver  string
	Disk       string // sda or vda
	DiskVendor string
	DiskModel  string
	PCI        []string // lines of lspci
	Modules    []string
}

// HardwareOf returns the hardware of a persona.
func HardwareOf(p *persona.Persona) Hardware {
	mac := p.MAC.String()
	switch {
	case strings.HasPrefix(mac, "00:50:56"):
		return vmware()
	case strings.HasPrefix(mac, "00:15:5d"):
		return hyperv()
	}
	return kvm(p.Rand("world: hardware"))
}

func vmware() Hardware {
	return Hardware{
		Hypervisor: "VMware", Virt: "vmware", Vendor: "VMware, Inc.", Product: "VMware Virtual Platform", Version: "None",
		BIOS: "6.00", BIOSDate: "11/12/2020", BIOSVendor: "Phoenix Technologies LTD", Interface: "ens192", NetDriver: "vmxnet3",
		Disk: "sda", DiskVendor: "VMware", DiskModel: "Virtual disk",
		PCI: []string{
			"00:00.0 Host bridge: Intel Corporation 440BX/ZX/DX - 82443BX/ZX/DX Host bridge (rev 01)",
			"00:01.0 PCI bridge: Intel Corporation 440BX/ZX/DX - 82443BX/ZX/DX AGP bridge (rev 01)",
			"00:07.0 ISA bridge: Intel Corporation 82371AB/EB/MB PIIX4 ISA (rev 08)",
			"00:07.1 IDE interface: Intel Corporation 82371AB/EB/MB PIIX4 IDE (rev 01)",
			"00:07.3 Bridge: Intel Corporation 82371AB/EB/MB PIIX4 ACPI (rev 08)",
			"00:07.7 System peripheral: VMware Virtual Machine Communication Interface (rev 10)",
			"00:0f.0 VGA compatible controller: VMware SVGA II Adapter",
			"03:00.0 Serial Attached SCSI controller: VMware PVSCSI SCSI Controller (rev 02)",
			"0b:00.0 Ethernet controller: VMware VMXNET3 Ethernet Controller (rev 01)",
		},
		Modules: []string{"vmw_pvscsi", "vmxnet3", "vmw_balloon", "vmw_vmci", "vmwgfx"},
	}
}

func hyperv() Hardware {
	return Hardware{
		Hypervisor: "Microsoft", Virt: "microsoft", Vendor: "Microsoft Corporation", Product: "Virtual Machine", Version: "7.0",
		BIOS: "090008", BIOSDate: "12/07/2018", BIOSVendor: "American Megatrends Inc.", Interface: "eth0", NetDriver: "hv_netvsc",
		Disk: "sda", DiskVendor: "Msft", DiskModel: "Virtual Disk",
		PCI: []string{
			"00:00.0 Host bridge: Intel Corporation 440BX/ZX/DX - 82443BX/ZX/DX Host bridge (AGP disabled) (rev 03)",
			"00:07.0 ISA bridge: Intel Corporation 82371AB/EB/MB PIIX4 ISA (rev 01)",
			"00:07.1 IDE interface: Intel Corporation 82371AB/EB/MB PIIX4 IDE (rev 01)",
			"00:07.3 Bridge: Intel Corporation 82371AB/EB/MB PIIX4 ACPI (rev 02)",
			"00:08.0 VGA compatible controller: Microsoft Corporation Hyper-V virtual VGA",
		},
		Modules: []string{"hv_storvsc", "hv_netvsc", "hv_utils", "hv_balloon", "hv_vmbus"},
	}
}

func kvm(r *rand.Rand) Hardware {
	h := Hardware{
		Hypervisor: "KVM", Virt: "kvm", Vendor: "QEMU", Product: "Standard PC (i440FX + PIIX, 1996)", BIOSVendor: "SeaBIOS", BIOSDate: "04/01/2014",
		Interface: "ens18", NetDriver: "virtio_net", Disk: "sda", DiskVendor: "QEMU", DiskModel: "QEMU HARDDISK",
		PCI: []string{
			"00:00.0 Host bridge: Intel Corporation 440FX - 82441FX PMC [Natoma] (rev 02)",
			"00:01.0 ISA bridge: Intel Corporation 82371SB PIIX3 ISA [Natoma/Triton II]",
			"00:01.1 IDE interface: Intel Corporation 82371SB PIIX3 IDE [Natoma/Triton II]",
			"00:01.2 USB controller: Intel Corporation 82371SB PIIX3 USB [Natoma/Triton II] (rev 01)",
			"00:01.3 Bridge: Intel Corporation 82371AB/EB/MB PIIX4 ACPI (rev 03)",
			"00:02.0 VGA compatible controller: Device 1234:1111 (rev 02)",
			"00:03.0 Unclassified device [00ff]: Red Hat, Inc. Virtio memory balloon",
			"00:05.0 SCSI storage controller: Red Hat, Inc. Virtio SCSI",
			"00:12.0 Ethernet controller: Red Hat, Inc. Virtio network device",
		},
		Modules: []string{"virtio_scsi", "virtio_net", "virtio_balloon", "virtio_console", "bochs"},
	}
	h.Version = fmt.Sprintf("pc-i440fx-%s", []string{"7.2", "8.0", "8.1", "9.0"}[r.IntN(4)])
	h.BIOS = []string{"rel-1.16.1-0-g3208b098f51a-prebuilt.qemu.org", "rel-1.16.2-0-gea1b7a073390-prebuilt.qemu.org", "rel-1.16.3-0-ga6ed6b701f0a-prebuilt.qemu.org"}[r.IntN(3)]
	return h
}
