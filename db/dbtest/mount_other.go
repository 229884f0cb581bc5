//go:build !linux

package dbtest

import (
	"errors"
	"testing"
)

// mount is for Linux alone.
func mount(testing.TB, string, int) error {
	return errors.New("a file system of the test's own: run it on Linux, as root")
}
