package main

import (
	"context"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/term"

	"kitchen/db"
)

func checkWatch(s *settings, args []string) (problems []string) {
	if len(args) == 0 {
		problems = append(problems, "say which restaurant: kitchen watch RESTAURANT-ID")
	} else if _, err := db.ParseRestaurantID(args[0]); err != nil {
		problems = append(problems, err.Error())
	}
	if s.token == "" {
		problems = append(problems, "no token: set KITCHEN_TOKEN to one that `kitchen token USERNAME` prints")
	}
	return problems
}

func runWatch(ctx context.Context, p *program) error {
	v := &viewer{address: socketAddress(p.url, strings.ToLower(p.args[0])), token: p.token}
	if onTerminal(p.stdout, p.environ) {
		return watchOnTerminal(ctx, p, v)
	}
	t := newTranscript(p.stdout)
	v.heard = t.write
	v.lost = func(wait time.Duration, reason string) { t.lost(wait, reason) }
	return v.run(ctx)
}

// onTerminal reports whether somebody sits at both ends, at a terminal that can do more than print.
func onTerminal(stdout io.Writer, environ []string) bool {
	out, ok := stdout.(*os.File)
	return ok && term.IsTerminal(out.Fd()) && term.IsTerminal(os.Stdin.Fd()) && !slices.Contains(environ, "TERM=dumb")
}

// watchOnTerminal shows the queue as a table, until q, the end of ctx or a refusal.
func watchOnTerminal(ctx context.Context, p *program, v *viewer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	shown := newScreen(v.send)
	// What NO_COLOR and TERM say is for the library to read; signals are the program's own.
	terminal := tea.NewProgram(shown, tea.WithInput(os.Stdin), tea.WithOutput(p.stdout), tea.WithEnvironment(p.environ),
		tea.WithoutSignalHandler())
	// Not WithContext: who is killed does not wait for what it reads.
	defer context.AfterFunc(ctx, terminal.Quit)()
	v.heard = func(m message) { terminal.Send(m) }
	v.lost = func(wait time.Duration, reason string) { terminal.Send(lostMsg{time.Now().Add(wait), reason}) }
	viewed := make(chan struct{})
	go func() {
		defer close(viewed)
		if err := v.run(ctx); err != nil {
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

// socketAddress is where displays of a restaurant connect to a node at base, ws://host:port.
func socketAddress(base, restaurant string) string { return base + "/ws/kitchen/" + restaurant + "/" }
