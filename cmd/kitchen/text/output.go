package text

import (
	"errors"
	"io"
	"os"
	"sync"
	"syscall"

	"github.com/charmbracelet/x/term"
)

// Output is a writer that remembers the first error of all writes, for a command that prints from many places and has to fail where
// something of it was lost.
type Output struct {
	w  io.Writer
	mu sync.Mutex
	is error // the first
}

// NewOutput makes an Output, and returns what a command prints to: the Output or, where w is a terminal, w itself, because what
// draws on a terminal has to know it.
func NewOutput(w io.Writer) (*Output, io.Writer) {
	o := &Output{w: w}
	if f, ok := w.(*os.File); ok && term.IsTerminal(f.Fd()) {
		return o, w
	}
	return o, o
}

func (o *Output) Write(p []byte) (int, error) {
	n, err := o.w.Write(p)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.is == nil {
		o.is = err
	}
	return n, err
}

// Err is the first error, or nil. A caller that closed standard output wanted nothing printed: that is no error.
func (o *Output) Err() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if errors.Is(o.is, syscall.EBADF) || errors.Is(o.is, os.ErrInvalid) {
		return nil
	}
	return o.is
}
