package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"kitchen/cmd/kitchen/database"
	"kitchen/cmd/kitchen/node"
	"kitchen/db"
	"kitchen/db/local"
)

// settings is everything that a user can set. Only readSettings fills it in; nothing else reads flags or environment.
type settings struct {
	db             database.Config
	listen         string
	allowedOrigins []string
	keyring        node.Keyring
	limits         node.Limits
	logFormat      string // text or json

	duration   time.Duration   // --for; 0: until told to stop, or the default of token
	rate       float64         // orders a minute
	restaurant db.RestaurantID // empty: the demo restaurant, or the only one
	timezone   string
	role       string // of a user
	url        string
	token      string
	all        bool
	json       bool
	list       bool
	as         string
	host       string // of demo: whose tables

	// Of bench. Zero numbers mean the scenario's own; its rate is orders a second.
	sockets     int // how many displays
	restaurants int
	writers     int
	scenarios   []string // empty: all
	floor       string   // the prefix of the ids of a ground: be that one's floor
	yes         bool

	tlsCert, tlsKey string // files; empty: plain HTTP
	hsts            time.Duration

	metricsListen string // or off
	metricsURL    string

	listenGiven        bool // the address was asked for, so no other will do
	metricsListenGiven bool
}

// errHelp says that help was asked for, and nothing else is to be done.
var errHelp = flag.ErrHelp

// readSettings reads flags and environment for a command. It looks at everything before it complains: the error is a
// [*usageError] with all the problems, or errHelp.
func readSettings(cmd command, args, environ []string) (settings, []string, error) {
	var s settings
	var problems []string
	env := environment(environ)
	flags := flag.NewFlagSet(cmd.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	for _, d := range definitions(cmd.name) {
		if !takes(cmd, d.flag) {
			continue
		}
		if d.value != "" {
			if err := d.set(&s, d.value); err != nil {
				return s, nil, fmt.Errorf("default of --%s: %w", d.flag, err)
			}
		}
		if d.env != "" && env[d.env] != "" {
			if err := d.set(&s, env[d.env]); err != nil {
				problems = append(problems, d.env+": "+err.Error())
			}
		}
		// The flag package would quote the value in its error; a secret's must not be.
		set := func(v string) error {
			if err := d.set(&s, v); err != nil {
				problems = append(problems, "--"+d.flag+": "+err.Error())
			}
			return nil
		}
		if d.unit == "" && d.env == "" {
			flags.BoolFunc(d.flag, "", set)
		} else {
			flags.Func(d.flag, "", set)
		}
	}
	positional, wrong, err := parseFlags(flags, args)
	if err != nil {
		return s, nil, err
	}
	problems = append(problems, wrong...)
	problems = append(problems, misspelt(env)...)
	if len(wrong) == 0 { // a value of an unknown flag looks like one too many
		if len(positional) > cmd.maxArgs {
			problems = append(problems, fmt.Sprintf("unexpected argument %q (kitchen help %s)", positional[cmd.maxArgs], cmd.name))
		} else if cmd.check != nil {
			problems = append(problems, cmd.check(&s, positional)...)
		}
	}
	if len(problems) > 0 {
		return s, nil, &usageError{command: cmd.name, problems: problems}
	}
	if s.db.DataDir == "" {
		s.db.DataDir = local.DefaultDataDir(func(name string) string { return env[name] }, os.Geteuid())
	}
	return s, positional, nil
}

// parseFlags lets flags and arguments come in any order, and goes on after a mistake.
func parseFlags(flags *flag.FlagSet, args []string) (positional, problems []string, err error) {
	for len(args) > 0 {
		err := flags.Parse(args)
		rest := flags.Args()
		at := max(len(args)-len(rest)-1, 0) // the last that was read
		switch {
		case errors.Is(err, flag.ErrHelp):
			return nil, nil, errHelp
		case err != nil:
			name, _, _ := strings.Cut(strings.TrimLeft(args[at], "-"), "=")
			problems = append(problems, flagProblem(flags, name))
			args = args[at+1:]
		case args[at] == "--" && len(rest) < len(args):
			return append(positional, rest...), problems, nil
		case len(rest) > 0:
			positional = append(positional, rest[0])
			args = rest[1:]
		default:
			return positional, problems, nil
		}
	}
	return positional, problems, nil
}

func flagProblem(flags *flag.FlagSet, name string) string {
	if flags.Lookup(name) != nil {
		return fmt.Sprintf("--%s needs a value (kitchen help %s)", name, flags.Name())
	}
	var names []string
	flags.VisitAll(func(f *flag.Flag) { names = append(names, f.Name) })
	if near := nearest(name, names); near != "" {
		return fmt.Sprintf("unknown flag --%s; did you mean --%s?", name, near)
	}
	return fmt.Sprintf("unknown flag --%s (kitchen help %s lists all)", name, flags.Name())
}

func takes(c command, flag string) bool {
	return slices.Contains(c.settings, flag)
}

func environment(environ []string) map[string]string {
	env := make(map[string]string, len(environ))
	for _, e := range environ {
		name, value, _ := strings.Cut(e, "=")
		env[name] = value
	}
	return env
}

// misspelt finds variables that are nearly, but not quite, one of ours. Others of the prefix KITCHEN_ are somebody
// else's: Kubernetes sets some for a service called kitchen.
func misspelt(env map[string]string) (problems []string) {
	var known []string
	for _, d := range definitions("") {
		if d.env != "" {
			known = append(known, d.env)
		}
	}
	for name := range env {
		if !strings.HasPrefix(name, "KITCHEN_") || slices.Contains(known, name) {
			continue
		}
		if near := nearest(name, known); near != "" {
			problems = append(problems, fmt.Sprintf("unknown environment variable %s; did you mean %s?", name, near))
		}
	}
	slices.Sort(problems)
	return problems
}
