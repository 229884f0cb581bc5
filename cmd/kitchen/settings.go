package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kitchen/cmd/kitchen/database"
	"kitchen/cmd/kitchen/node"
	"kitchen/db/local"
	"kitchen/db/order"
	"kitchen/db/tenant"
)

// settings is everything that a user can set. Only readSettings and the flags fill it in; nothing else reads
// flags or environment.
type settings struct {
	db             database.Config
	listen         string
	allowedOrigins []string
	keyring        node.Keyring
	hook           node.Hook // where alarms are posted
	limits         node.Limits
	logFormat      string // text or json

	duration   time.Duration      // --for; 0: until told to stop, or the default of token
	rate       float64            // orders a minute
	restaurant order.RestaurantID // empty: the demo restaurant, or the only one
	timezone   string
	role       string // of a user or a screen
	name       string // of a screen
	kind       string // of a station
	line       tenant.Match
	url        string
	token      string
	stations   []string // names or ids of the stations that watch, or a paired board, shows; none: everything
	all        bool
	json       bool
	list       bool
	detach     bool
	as         string
	host       string // of demo: whose tables
	demo       bool   // of simulate: make the demo restaurant

	// Of bench. Zero numbers mean the scenario's own; its rate is orders a second.
	sockets     int // how many displays
	past        int // orders of the past
	readme      string
	restaurants int
	writers     int
	scenarios   []string // empty: all
	floor       string   // measure the floor of the database with this prefix of ids
	yes         bool

	tlsCert, tlsKey string // files; empty: plain HTTP
	hsts            time.Duration

	metricsListen string // or off
	metricsURL    string

	given []string // flags whose value comes from the command line or the environment
}

// isGiven reports whether the user has given a setting: an address that was given, say, is not replaced by a free one.
func (s *settings) isGiven(flag string) bool { return slices.Contains(s.given, flag) }

// settingFlag is a definition as a flag of the command line.
type settingFlag struct {
	definition
	program *program
}

func (v *settingFlag) String() string { return "" } // it may be a secret
func (v *settingFlag) Type() string   { return v.unit }

// Set never fails, since the flag package would stop at the first mistake, and quote it.
func (v *settingFlag) Set(text string) error {
	v.read("--"+v.flag, text)
	return nil
}

func (v *settingFlag) read(source, text string) {
	if err := v.set(&v.program.settings, text); err != nil {
		v.program.problems = append(v.program.problems, source+": "+err.Error())
	}
}

// readDerived sets defaults that follow from other settings.
func (v *settingFlag) readDerived(env map[string]string) bool {
	source, value := v.derive(env)
	if value != "" {
		v.read(source, value)
	}
	return value != ""
}

func (p *program) newFlag(d definition) *pflag.Flag {
	d.byDefault = cmp.Or(d.byDefault, d.value)
	f := &pflag.Flag{Name: d.flag, Usage: d.about, Value: &settingFlag{d, p}, Hidden: d.about == ""}
	if d.unit == "" {
		f.NoOptDefVal = "true"
	}
	return f
}

// readSettings completes what the flags said from the environment and the defaults. It looks at everything before it
// complains: the error is a [*usageError] with all the problems.
func (p *program) readSettings(c *cobra.Command, args []string, check func(args []string) []string) error {
	env := environment(p.environ)
	c.Flags().VisitAll(func(f *pflag.Flag) {
		v, ok := f.Value.(*settingFlag)
		if !ok {
			return
		}
		if f.Changed || env[v.env] != "" {
			p.given = append(p.given, f.Name)
		}
		switch {
		case f.Changed:
		case env[v.env] != "":
			v.read(v.env, env[v.env])
		case v.derive != nil && v.readDerived(env):
		case v.value != "":
			v.read("default of --"+f.Name, v.value)
		}
	})
	unknown := unknownFlags(c, args)
	p.problems = slices.Concat(p.problems, unknown, misspelt(c.Root(), env))
	if len(unknown) == 0 && check != nil { // a value of an unknown flag looks like one argument too many
		p.problems = append(p.problems, check(args)...)
	}
	if len(p.problems) > 0 {
		return &usageError{command: commandName(c), problems: p.problems}
	}
	if p.db.DataDir == "" {
		p.db.DataDir = local.DefaultDataDir(func(name string) string { return env[name] }, os.Geteuid())
	}
	return nil
}

// flagError reports a mistake that ends the reading of flags, with all that was wrong before it.
func (p *program) flagError(c *cobra.Command, err error) error {
	problem := err.Error()
	var needs *pflag.ValueRequiredError
	if errors.As(err, &needs) {
		problem = fmt.Sprintf("--%s needs a value (kitchen help %s)", needs.GetSpecifiedName(), commandName(c))
	}
	p.problems = append(p.problems, problem)
	return p.readSettings(c, c.Flags().Args(), nil)
}

// unknownFlags finds flags that do not exist among the arguments, where the flag package leaves them.
func unknownFlags(c *cobra.Command, args []string) (problems []string) {
	if dash := c.Flags().ArgsLenAtDash(); dash >= 0 {
		args = args[:dash] // behind two dashes, anything is an argument
	}
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	for _, arg := range args {
		if !strings.HasPrefix(arg, "-") || arg == "-" {
			continue
		}
		name, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		hint := didYouMean("--", name, names)
		if hint == "" {
			hint = " (kitchen help " + commandName(c) + " lists all)"
		}
		problems = append(problems, "unknown flag --"+name+hint)
	}
	return problems
}

// twoDashes lets every flag be written with one dash, too, as Go's own programs do.
func twoDashes(root *cobra.Command, args []string) []string {
	takesValue := map[string]bool{}
	everyFlag(root, func(f *pflag.Flag) { takesValue["--"+f.Name] = f.NoOptDefVal == "" })
	args = append([]string{}, args...) // never nil, for which cobra would take the arguments of the process
	for i, arg := range args {
		if arg == "--" {
			break
		}
		name := strings.TrimLeft(arg, "-")
		if dashes := len(arg) - len(name); (dashes > 2 || dashes == 1 && len(name) > 1) && (i == 0 || !takesValue[args[i-1]]) {
			args[i] = "--" + name // only -h is short
		}
	}
	return args
}

// everyFlag calls do with the settings of all commands.
func everyFlag(c *cobra.Command, do func(*pflag.Flag)) {
	c.LocalFlags().VisitAll(do)
	for _, sub := range c.Commands() {
		everyFlag(sub, do)
	}
}

func environment(environ []string) map[string]string {
	env := make(map[string]string, len(environ))
	for _, e := range environ {
		name, value, _ := strings.Cut(e, "=")
		env[name] = value
	}
	return env
}

// misspelt finds variables whose names nearly are those of a setting. Other variables with the prefix KITCHEN_ may belong to
// another program: Kubernetes sets some for a service called kitchen.
func misspelt(root *cobra.Command, env map[string]string) (problems []string) {
	var known []string
	everyFlag(root, func(f *pflag.Flag) {
		if v, ok := f.Value.(*settingFlag); ok && v.env != "" {
			known = append(known, v.env)
		}
	})
	slices.Sort(known)
	known = slices.Compact(known)
	for name := range env {
		if !strings.HasPrefix(name, "KITCHEN_") || slices.Contains(known, name) {
			continue
		}
		if hint := didYouMean("", name, known); hint != "" {
			problems = append(problems, "unknown environment variable "+name+hint)
		}
	}
	slices.Sort(problems)
	return problems
}
