// Package mapping is what `kitchen attach` does: it opens the database of another program, has kitchen/db/attach check, install
// or remove a mapping there, and prints what came of it. It knows neither SQL nor flags.
package mapping

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/jackc/pgx/v5"

	"kitchen/cmd/kitchen/text"
	"kitchen/db"
	"kitchen/db/attach"
	"kitchen/db/attach/guess"
)

// Commands runs the commands about a mapping, on one database.
type Commands struct {
	URL            string // an address that keeps one session: the database's own, where it has a pooler
	AsJSON         bool   // findings are printed as JSON
	Stdout, Stderr io.Writer
}

// PrintTemplates lists the systems that there is a template for.
func PrintTemplates(w io.Writer) {
	for _, t := range attach.Templates() {
		fmt.Fprintf(w, "%-16s %s\n", t.Name, t.About)
	}
}

// PrintTemplate prints the template for a system.
func PrintTemplate(w io.Writer, system string) error {
	t, err := attach.FindTemplate(system)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, t.Text)
	return err
}

// Guess prints a mapping that is guessed from the database's tables.
func (d Commands) Guess(ctx context.Context) error {
	return d.connected(ctx, func(conn *pgx.Conn) error {
		guessed, err := guess.Mapping(ctx, conn)
		if err != nil {
			return err
		}
		_, err = io.WriteString(d.Stdout, guessed)
		return err
	})
}

// Check proves the mapping of a file, and changes nothing. It prints the findings, and the queue that the user called as would
// get, unless that is empty. It returns the level of the worst finding.
func (d Commands) Check(ctx context.Context, file, as string) (attach.Level, error) {
	return d.withReport(ctx, file, func(conn *pgx.Conn, m *attach.Mapping, report attach.Report) (attach.Level, error) {
		worst := report.Worst()
		if err := d.print(report); err != nil || as == "" || worst == attach.Wrong {
			return worst, err
		}
		fmt.Fprintln(d.Stdout)
		return worst, attach.PrintQueue(ctx, conn, m, as, d.Stdout)
	})
}

// Up checks the mapping of a file and installs it, unless something is wrong: then it prints the findings and returns
// [attach.Wrong].
func (d Commands) Up(ctx context.Context, file string) (attach.Level, error) {
	return d.withReport(ctx, file, func(conn *pgx.Conn, m *attach.Mapping, report attach.Report) (attach.Level, error) {
		if report.Worst() == attach.Wrong {
			return attach.Wrong, d.print(report)
		}
		for _, f := range report {
			if f.Level == attach.Warning {
				fmt.Fprintln(d.Stderr, text.Harmless("warning: "+f.Means+" → "+f.Mend))
			}
		}
		done, err := attach.Up(ctx, conn, m)
		if err == nil {
			d.say(done, "attached: kitchen serve can use this database", "nothing to do: this mapping is installed")
		}
		return attach.OK, err
	})
}

// Migration prints the mapping of a file as one goose migration.
func (d Commands) Migration(ctx context.Context, file string, detach bool) error {
	m, err := parse(file)
	if err != nil {
		return err
	}
	printed := attach.Migration
	if detach {
		printed = attach.Detachment
	}
	return d.connected(ctx, func(conn *pgx.Conn) error {
		migration, err := printed(ctx, conn, m)
		if err != nil {
			return err
		}
		_, err = io.WriteString(d.Stdout, migration)
		return err
	})
}

// Down removes the installed mapping.
func (d Commands) Down(ctx context.Context) error {
	return d.connected(ctx, func(conn *pgx.Conn) error {
		done, err := attach.Down(ctx, conn)
		if err != nil {
			return err
		}
		d.say(done, "detached: the schema kitchen is gone", "nothing to do: no mapping is installed")
		return nil
	})
}

func (d Commands) connected(ctx context.Context, do func(*pgx.Conn) error) error {
	conn, err := db.Connect(ctx, d.URL, db.WithoutNames)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // what matters is committed
	return do(conn)
}

// withReport checks a mapping, and does something with the findings. A file that is no mapping is a finding, too.
func (d Commands) withReport(ctx context.Context, file string,
	do func(*pgx.Conn, *attach.Mapping, attach.Report) (attach.Level, error)) (worst attach.Level, err error) {
	m, err := parse(file)
	var refused *attach.RefusedError
	if errors.As(err, &refused) {
		return attach.Wrong, d.print(attach.Refusal(refused))
	}
	if err != nil {
		return attach.Wrong, err
	}
	err = d.connected(ctx, func(conn *pgx.Conn) error {
		report, err := attach.Check(ctx, conn, m)
		if err != nil {
			return err
		}
		worst, err = do(conn, m, report)
		return err
	})
	return worst, err
}

func parse(file string) (*attach.Mapping, error) {
	written, err := os.ReadFile(file) //nolint:gosec // the user's own
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the mapping: %w: kitchen attach template prints one to edit", err)
	}
	if err != nil {
		return nil, fmt.Errorf("read the mapping: %w", err)
	}
	return attach.Parse(file, written)
}

func (d Commands) print(report attach.Report) error {
	if d.AsJSON {
		return report.PrintJSON(d.Stdout)
	}
	report.Print(d.Stdout)
	return nil
}

func (d Commands) say(done bool, yes, no string) {
	if !done {
		yes = no
	}
	fmt.Fprintln(d.Stdout, yes)
}
