package launch

import "golang.org/x/sys/unix"

// auditArch is AUDIT_ARCH_AARCH64.
const auditArch = 0xC00000B7

// refuseForeignABI has nothing to do: 32-bit calls carry another architecture.
func refuseForeignABI(*filter) {}

// opening are the calls that open by a path, and which argument has the flags.
var opening = []struct{ nr, flags uint32 }{{unix.SYS_OPENAT, 2}}

// refusedHere adds nothing: arm64 never had the older names.
var refusedHere = []uint32{unix.SYS_KEXEC_FILE_LOAD}
