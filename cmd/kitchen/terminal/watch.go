package terminal

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/term"
)

// Watch shows a kitchen display until the node refuses it or ctx ends: as a table on a terminal, elsewhere with a line for each
// event, which a line to notes says. stations are names or ids of those that it shows; none: everything. environ is the environment, from which TERM and NO_COLOR are read.
func Watch(ctx context.Context, address, token string, stations []string, stdout, notes io.Writer, environ []string) error {
	v := &Viewer{Address: address, Token: token}
	if onTerminal(stdout, environ) {
		return watchOnTerminal(ctx, v, stations, stdout, environ)
	}
	t := NewTranscript(stdout)
	t.Of(v, stations...)
	var explain sync.Once
	v.OnMessage = func(m Message) {
		explain.Do(func() {
			fmt.Fprintln(notes, "no terminal: one line for each event, no keys, and orders printed here do not count as seen by a cook")
		})
		t.Write(m)
	}
	v.OnLost = func(wait time.Duration, reason string) { t.Lost(wait, reason) }
	return v.Run(ctx)
}

// onTerminal reports whether both input and output are a terminal that can move its cursor.
func onTerminal(stdout io.Writer, environ []string) bool {
	out, ok := stdout.(*os.File)
	return ok && term.IsTerminal(out.Fd()) && term.IsTerminal(os.Stdin.Fd()) && !slices.Contains(environ, "TERM=dumb")
}

// watchOnTerminal shows the queue as a table, until q, the end of ctx or a refusal.
func watchOnTerminal(ctx context.Context, v *Viewer, stations []string, stdout io.Writer, environ []string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	shown := newScreen(v.send, stations)
	// What NO_COLOR and TERM say is for the library to read; signals are the program's own.
	terminal := tea.NewProgram(shown, tea.WithInput(os.Stdin), tea.WithOutput(stdout), tea.WithEnvironment(environ),
		tea.WithoutSignalHandler())
	// Not WithContext, which kills the program: Run would then return while its goroutine still reads the input.
	defer context.AfterFunc(ctx, terminal.Quit)()
	v.OnMessage = func(m Message) { terminal.Send(m) }
	v.OnLost = func(wait time.Duration, reason string) { terminal.Send(lostMsg{time.Now().Add(wait), reason}) }
	viewed := make(chan struct{})
	go func() {
		defer close(viewed)
		if err := v.Run(ctx); err != nil {
			terminal.Send(endedMsg{err})
		}
	}()
	_, err := terminal.Run()
	cancel()
	<-viewed
	if shown.ended != nil {
		return shown.ended
	}
	return err
}

// SocketAddress is where displays of a restaurant connect to a node at base, ws://host:port.
func SocketAddress(base, restaurant string) string { return base + "/ws/kitchen/" + restaurant + "/" }
