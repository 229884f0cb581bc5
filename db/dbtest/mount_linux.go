package dbtest

import (
	"fmt"
	"syscall"
	"testing"
)

// mount puts an empty file system in memory over a directory, until the end of the test.
func mount(t testing.TB, dir string, megabytes int) error {
	if err := syscall.Mount("kitchen-test", dir, "tmpfs", 0, fmt.Sprintf("size=%dm,mode=0711", megabytes)); err != nil {
		return fmt.Errorf("a file system of the test's own: %w: run it as root (in a container: with CAP_SYS_ADMIN)", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("dbtest: unmount %s: %v", dir, err)
		}
	})
	return nil
}
