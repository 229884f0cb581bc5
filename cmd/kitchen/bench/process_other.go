//go:build !linux

package bench

import (
	"os"
	"os/exec"
	"time"
)

// CPU and memory of a process are read from /proc, which only Linux has. Elsewhere they are not measured.

func apart(*exec.Cmd)                     {}
func interrupt(p *os.Process)             { _ = p.Signal(os.Interrupt) }
func parent(int) int                      { return 0 }
func cpu(int) time.Duration               { return 0 }
func children(int) []process              { return nil }
func threadCPU(int) (time.Duration, bool) { return 0, false }
func resident(int) int                    { return 0 }
func filesAllowed() int                   { return 0 }
