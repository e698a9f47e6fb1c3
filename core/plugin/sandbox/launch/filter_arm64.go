package launch

import "golang.org/x/sys/unix"

// auditArch is AUDIT_ARCH_AARCH64.
const auditArch = 0xC00000B7

// refuseForeignABI has nothing to do: 32-bit calls carry another architecture.
func refuseForeignABI(*filter) {}

// refusedHere adds nothing: arm64 never had the older names.
var refusedHere = []uint32{unix.SYS_KEXEC_FILE_LOAD}
