// Command kitchen shows a restaurant's orders on its kitchen displays, at once, whichever program writes them into Postgres.
// This package owns the commands and the settings, and puts the other packages together. It alone reads flags and environment.
// It contains no logic of kitchens, notifications or sockets.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"kitchen/cmd/kitchen/text"
)

const blink = 50 * time.Millisecond

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), endings()...)
	// A second signal is not caught, and ends the program at once. One that follows within moments is taken for the first:
	// timeout(1) signals the program and then its whole process group, and means one signal.
	context.AfterFunc(ctx, func() { time.AfterFunc(blink, stop) })
	err := run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
	os.Exit(report(os.Stderr, err))
}

// endings are the signals that end a command in order: also the one that a closed terminal sends, unless the program was started to
// outlive its terminal.
func endings() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}

// program is one run of a command: its settings, and where it writes.
type program struct {
	settings
	problems []string // with the settings, so far
	args     []string // what is no flag
	stdout   io.Writer
	stderr   io.Writer

	environ []string // read for TERM, NO_COLOR and the like
}

// run is the whole program. What a script may want to read goes to stdout; logs, progress and warnings to stderr.
func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error {
	printed, out := text.NewOutput(stdout)
	p := &program{stdout: out, stderr: stderr, environ: environ}
	root := newRoot(p)
	root.SetArgs(twoDashes(root, args))
	c, err := root.ExecuteContextC(ctx)
	if err != nil && errors.Is(context.Cause(ctx), context.Canceled) && errors.Is(err, context.Canceled) {
		return fmt.Errorf("%s was interrupted before it was done", commandName(c))
	}
	return withLost(printed.Err(), err)
}

// withLost is the error of a command of whose output something was lost. That it was done, or what its exit code says, is then not known
// to whoever reads what it prints.
func withLost(lost, err error) error {
	var code exitCode
	switch {
	case lost == nil:
		return err
	case errors.As(err, &code):
		return wrongError{fmt.Errorf("print: %w", lost)}
	case err == nil:
		return fmt.Errorf("print: %w", lost)
	}
	return err
}

// usageError says that the arguments or settings are wrong.
type usageError struct {
	command  string   // empty where the command itself is not known
	problems []string // one line each, with what to do
}

func (e *usageError) Error() string { return strings.Join(e.problems, "\n") }

// exitCode is an error that ends the program with this code and prints nothing.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// wrongError is an error of a command whose exit codes are the doctor's: 1 would say that there are warnings.
type wrongError struct{ error }

func (e wrongError) Unwrap() error { return e.error }

// report prints err, if any, to w and returns the exit code: 0 for success, 1 for a failure, 2 for wrong usage; the doctor has
// its own.
func report(w io.Writer, err error) int {
	var usage *usageError
	var code exitCode
	var wrong wrongError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &usage):
		for _, p := range usage.problems {
			fmt.Fprintln(w, strings.TrimSpace("kitchen "+usage.command)+": "+text.Harmless(p))
		}
		return 2
	case errors.As(err, &code):
		return int(code) // what was found is printed already
	}
	fmt.Fprintln(w, "kitchen: "+text.Harmless(strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", "; ")))
	if errors.As(err, &wrong) {
		return 2
	}
	return 1
}
