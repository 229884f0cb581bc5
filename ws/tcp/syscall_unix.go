//go:build unix

package tcp

import "syscall"

// writeNow writes to a socket that the runtime has made non-blocking.
func writeNow(fd uintptr, p []byte) (int, error) {
	for {
		n, err := syscall.Write(int(fd), p)
		switch err {
		case nil:
			return n, nil
		case syscall.EINTR:
		case syscall.EAGAIN:
			return 0, nil
		default:
			return 0, err
		}
	}
}

// nothingToRead reports whether a read of a non-blocking socket would have to wait.
func nothingToRead(fd uintptr) bool {
	var first [1]byte
	for {
		switch _, _, err := syscall.Recvfrom(int(fd), first[:], syscall.MSG_PEEK); err {
		case syscall.EINTR:
		case syscall.EAGAIN:
			return true
		default:
			return false
		}
	}
}
