package local

import (
	"os"
	"syscall"
)

// place is where tests make their directories: in memory, where there is plenty of it, because a cluster is a thousand
// files. TMPDIR, where it is set, decides.
func place() string {
	var st syscall.Statfs_t
	if os.Getenv("TMPDIR") == "" && syscall.Statfs("/dev/shm", &st) == nil && st.Bavail*uint64(st.Bsize) >= 2<<30 {
		return "/dev/shm"
	}
	return os.TempDir()
}
