package main

import (
	"context"
	"fmt"
	"io"
	"strings"
)

// command is one of the things that this program does.
type command struct {
	name     string
	args     string // of the usage line, flags aside
	maxArgs  int
	summary  string // one line
	about    string // a few lines
	settings []string
	check    func(s *settings, args []string) []string // what is wrong with settings that are fine each by itself
	run      func(context.Context, *program) error
}

func commands() []command {
	database := []string{"database-url", "data-dir"}
	keys := join([]string{"jwt-secret", "jwt-public-key"}, keyFlags())
	node := []string{"listen", "allowed-origins", "log-format"}
	return []command{
		{
			name: "demo", summary: "try it: a restaurant in a rush, and a display, on this machine only",
			about: `Starts a private Postgres, makes a demo restaurant, serves it, and writes a simulated rush of orders as plain SQL.
Prints the address of the socket and of the board with a token, the psql command that opens this very database, and
every message that a display receives. Type an order into that psql and see it arrive. Ctrl-C ends it; what was written
is kept for the next time. With --host django the orders are in the tables of a Django app, attached by its template.
DATABASE_URL is not used.`,
			settings: []string{"for", "rate", "host", "listen", "allowed-origins", "data-dir", "log-format"},
			run:      runDemoCommand,
		},
		{
			name: "serve", summary: "run a node: sockets for kitchen displays, health for whoever watches over it",
			about: `Any number of nodes may share one database. Without DATABASE_URL it runs a private Postgres of its own, migrates it,
and makes and keeps a signing secret; with DATABASE_URL, the database must be migrated and a key be given. Prints the
address it listens at on standard output, logs on standard error. SIGTERM or Ctrl-C drains and ends it, a second one
ends it at once.`,
			settings: join(database, []string{"listen-database-url", "metrics-listen", "tls-cert", "tls-key", "hsts"}, node, keys, limitFlags()), check: checkServe,
			run: runServe,
		},
		{
			name: "migrate", args: "up | down | status | repair", maxArgs: 1, summary: "create or remove the tables and triggers",
			about: `up applies what is missing; down undoes the newest migration, or with --all every one, with all that the tables hold;
status lists them; repair makes functions, views and triggers again that were dropped, disabled or replaced, and needs the
rights of their owner. Two at the same time are safe. goose with the files in migrations/ does the same. Migrating goes to
the database's own address where one is given for LISTEN, because a pooler may lose the lock it takes.`,
			settings: join(database, []string{"listen-database-url", "all"}), check: checkMigrate,
			run: runMigrateCommand,
		},
		{
			name: "attach", args: "template [NAME] | check FILE | migration FILE | up FILE | down", maxArgs: 2, summary: "put displays on the tables of another program",
			about: `A mapping is an SQL file with views that say how a database's own tables become orders for a kitchen. template prints
one to edit: for a system that is known by name (--list), or, without a name, guessed from this database's tables. check
proves it by real changes that are rolled back, and changes nothing; --as prints the queue that a user's display would get.
migration prints the whole as one goose migration. up checks and installs it, down takes it away and leaves the database as
it was. Exit codes are those of doctor. For some seconds of check and up, writers of the mapped tables wait.`,
			settings: join([]string{"database-url", "listen-database-url", "list", "as", "json"}), check: checkAttach,
			run: runAttach,
		},
		{
			name: "doctor", summary: "say what is wrong with a database or a setup, and how to mend it",
			about: `Connects as serve would, with the same settings, and looks at the server, the way of a notification, migrations,
triggers, rights, locks, the clock and this machine: one line each, with a mark and what to do. It writes nothing: the
order that it tries the triggers with is rolled back. Exit codes: 0 all is well, 1 there are warnings, 2 something is wrong:
kitchens would hear of orders late, or not at all.`,
			settings: join(database, []string{"listen-database-url", "max-displays", "json"}, keys), check: checkDoctor,
			run: runDoctor,
		},
		{
			name: "restaurant", args: "add NAME | list", maxArgs: 2, summary: "add a restaurant to the kitchen's own tables, or list them",
			about: `add prints the new restaurant's id on standard output. It needs the rights of the tables' owner. A database that is
attached to another program's tables gets its restaurants from that program.`,
			settings: join(database, []string{"listen-database-url", "timezone"}), check: checkTenant("restaurant", "NAME"),
			run: runRestaurant,
		},
		{
			name: "user", args: "add USERNAME | list", maxArgs: 2, summary: "add a user whom displays can be of, or list them",
			about: `add prints the new user's id on standard output; kitchen token USERNAME then makes a token. Without --restaurant, the user is
of the only restaurant that there is. It needs the rights of the tables' owner.`,
			settings: join(database, []string{"listen-database-url", "restaurant", "role"}), check: checkTenant("user", "USERNAME"),
			run: runUser,
		},
		{
			name: "token", args: "USERNAME | USER-ID", maxArgs: 1, summary: "print a signed token for a user",
			about: `A display shows it when it connects. Needs the secret that the nodes verify with: KITCHEN_JWT_SECRET, or, without
DATABASE_URL, the one that the private database's directory keeps. Standard output has the token and nothing else; a link
that opens the user's board with it comes on standard error.`,
			settings: join(database, []string{"jwt-secret", "for", "url"}), check: checkToken,
			run: runToken,
		},
		{
			name: "trace", args: "ORDER-ID", maxArgs: 1, summary: "the way of one order: committed, notified, read, sent to which displays",
			about: `Asks a node what it knows of an order's last changes, so that "the kitchen never got it" has an answer. Each node knows of
its own displays, and forgets what is long ago. changed is the start of the writer's transaction. Exit code 0 where the
newest version was sent to the displays of that node, 1 where it was not.`,
			settings: []string{"metrics-url", "json"}, check: checkTrace,
			run: runTrace,
		},
		{
			name: "health", summary: "ask the node of this machine whether it is up, for a container's health check",
			about: `Asks /healthz at the address that the node was told to listen at. Exit code 0 where it is up, 1 where it is not. A node that
does not hear its database is up all the same: it says so itself, and starting it anew would help nobody.`,
			settings: []string{"listen", "tls-cert"},
			run:      runHealth,
		},
		{
			name: "completion", args: "bash | zsh | fish", maxArgs: 1, summary: "print what lets a shell complete commands and settings",
			about: `In bash: source <(kitchen completion bash). In zsh, after compinit: source <(kitchen completion zsh). In fish:
kitchen completion fish > ~/.config/fish/completions/kitchen.fish.`,
			check: checkCompletion, run: runCompletion,
		},
		{
			name: "version", summary: "say which version this is, and what it was built from",
			about:    `Prints the version, the revision of the repository, and the Go version and platform that it was built with and for.`,
			settings: []string{"json"},
			run:      runVersion,
		},
		{
			name: "watch", args: "RESTAURANT-ID", maxArgs: 1, summary: "a kitchen display in the terminal",
			about: `In a terminal, a table of the queue that is always up to date: ages by the restaurant's thresholds (! slow, !! late),
who changed what, and keys to move orders on (enter), back (b), undo (u) and recall (r); q ends it. NO_COLOR is respected.
Elsewhere it prints the queue on joining and then one line for each event. It says loudly when it is not live, and comes
back by itself after a lost connection, unless the token is refused. Give the token as KITCHEN_TOKEN: as a flag, everybody who can list this machine's processes reads it.`,
			settings: []string{"url", "token"}, check: checkWatch,
			run: runWatch,
		},
		{
			name: "simulate", summary: "write a simulated rush of orders into a database",
			about: `Orders with lines, modifiers and notes come in, are changed, cooked, served and now and then cancelled, as plain SQL
over one connection. It changes only orders of its own, and completes those that are open when it ends.`,
			settings: join(database, []string{"restaurant", "rate", "for", "log-format"}),
			run:      runSimulateCommand,
		},
		{
			name: "bench", summary: "measure how fast orders reach displays, and what that costs",
			about: `Writes orders with three lines and three modifiers each, in real transactions, into restaurants that it makes and
removes, and opens displays over real sockets. Without DATABASE_URL it runs a private Postgres and a node of its own, and
leaves nothing behind. With DATABASE_URL it measures the node at --url, which must verify tokens with the same secret; it
asks for --yes, because it loads that database, and changes nothing in it but what it made.

  latency   one order at a time, one display      fanout    one order at a time, 500 displays of one restaurant
  load      1,600 orders a second, 1,000 displays of 200 restaurants
  idle      the memory of 5,000 displays          storm     1,000 displays at once, each with a queue of 20 orders
  import    what the database takes, with the triggers and, in a private Postgres, without

The floor is the least that could do the same: gorilla/websocket and pgx as they come, nothing read from the database. It
is measured in the same run, because milliseconds say more of the machine. Ends with a table on standard output.`,
			settings: join(database, []string{"url", "jwt-secret", "scenario", "displays", "restaurants", "rate", "writers", "duration",
				"json", "yes", "floor"}), check: checkBench,
			run: runBenchCommand,
		},
	}
}

func join(lists ...[]string) []string {
	var all []string
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

func findCommand(name string) (command, error) {
	var names []string
	for _, c := range commands() {
		if c.name == name {
			return c, nil
		}
		names = append(names, c.name)
	}
	problem := fmt.Sprintf("unknown command %q", name)
	if near := nearest(name, append(names, "help")); near != "" {
		problem += fmt.Sprintf("; did you mean %s?", near)
	}
	return command{}, &usageError{problems: []string{problem + " (kitchen help lists all)"}}
}

func help(args []string, w io.Writer) error {
	if len(args) == 0 {
		printHelp(w)
		return nil
	}
	cmd, err := findCommand(args[0])
	if err != nil {
		return err
	}
	printCommandHelp(w, cmd)
	return nil
}

func printHelp(w io.Writer) {
	fmt.Fprint(w, `kitchen shows a restaurant's orders on its kitchen displays, at once, whoever writes them into Postgres.

Usage: kitchen COMMAND [flags]

`)
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-10s %s\n", c.name, c.summary)
	}
	fmt.Fprint(w, `
Start with: kitchen demo
kitchen help COMMAND says what a command does and lists its settings. Each setting is a flag or an environment variable;
a flag wins. Exit codes: 0 done, 1 failed, 2 called wrongly.
`)
}

// printCommandHelp names each setting's flag, environment variable, default and unit, with a sentence.
func printCommandHelp(w io.Writer, c command) {
	fmt.Fprintf(w, "kitchen %s: %s\n\n%s\n\nUsage: kitchen %s\n", c.name, c.summary, c.about,
		strings.Join(strings.Fields(c.name+" "+c.args+" [flags]"), " "))
	if len(c.settings) > 0 {
		fmt.Fprint(w, "\nSettings:\n")
	}
	secret := false
	for _, d := range definitions(c.name) {
		if !takes(c, d.flag) || d.about == "" {
			continue
		}
		secret = secret || d.secret
		head := "--" + d.flag
		if d.unit != "" {
			head += " " + d.unit
		}
		if d.env != "" {
			head += ", or " + d.env
		}
		fmt.Fprintf(w, "  %s\n", head)
		fmt.Fprintf(w, "      %s\n", strings.ReplaceAll(d.about, "\n", "\n      "))
		if d.byDefault != "" {
			fmt.Fprintf(w, "      Default: %s.\n", d.byDefault)
		}
	}
	if secret {
		fmt.Fprint(w, `
A flag is seen by everybody who can list this machine's processes: give passwords, secrets and tokens in the environment.
`)
	}
}
