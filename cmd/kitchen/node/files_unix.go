//go:build unix

package node

import (
	"math"
	"syscall"
)

// openFiles is how many files this process may have open; 0 where that is not known.
func openFiles() int {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil || limit.Cur > math.MaxInt32 {
		return 0
	}
	return int(limit.Cur)
}
