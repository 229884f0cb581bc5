package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/jackc/pgx/v5"

	"kitchen/cmd/kitchen/text"
	"kitchen/db/attach"
)

func checkAttach(s *settings, args []string) (problems []string) {
	words := []string{"template", "check", "migration", "up", "down"}
	switch {
	case len(args) == 0:
		problems = append(problems, "say what to do: kitchen attach template, then check FILE, then up FILE")
	case !slices.Contains(words, args[0]):
		problems = append(problems, fmt.Sprintf("%q is not template, check, migration, up or down", args[0]))
	case len(args) == 1 && (args[0] == "check" || args[0] == "migration" || args[0] == "up"):
		problems = append(problems, "give the mapping: kitchen attach "+args[0]+" FILE")
	case len(args) == 2 && args[0] == "down":
		problems = append(problems, "down takes no file: it takes away what is installed")
	}
	if len(args) > 0 && s.as != "" && args[0] != "check" {
		problems = append(problems, "--as goes with check alone")
	}
	if len(args) > 0 && s.list && args[0] != "template" {
		problems = append(problems, "--list goes with template alone")
	}
	named := len(args) > 0 && args[0] == "template" && (s.list || len(args) == 2)
	if len(problems) == 0 && !named && s.db.URL == "" && s.db.ListenURL == "" {
		problems = append(problems, "give the address of the database as DATABASE_URL: a mapping is over another program's tables")
	}
	return problems
}

func runAttach(ctx context.Context, p *program) error {
	word := p.args[0]
	if word == "template" && (p.list || len(p.args) == 2) {
		return printTemplate(p)
	}
	// A pooler would do, but the database's own address is sure to keep one session.
	url := p.db.ListenURL
	if url == "" {
		url = p.db.URL
	}
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("connect to the database: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // what matters is committed
	switch word {
	case "template":
		text, err := attach.Guess(ctx, conn)
		if err != nil {
			return err
		}
		_, err = io.WriteString(p.stdout, text)
		return err
	case "down":
		done, err := attach.Down(ctx, conn)
		if err == nil {
			fmt.Fprintln(p.stdout, map[bool]string{true: "detached: the schema kitchen is gone", false: "nothing to do: no mapping is installed"}[done])
		}
		return err
	}
	text, err := os.ReadFile(p.args[1])
	if err != nil {
		return fmt.Errorf("read the mapping: %w", err)
	}
	m, err := attach.Parse(p.args[1], text)
	var refused *attach.RefusedError
	if errors.As(err, &refused) && word != "migration" {
		return p.printReport(attach.Refusal(refused), p.stdout)
	}
	if err != nil {
		return err
	}
	if word == "migration" {
		text, err := attach.Migration(ctx, conn, m)
		if err != nil {
			return err
		}
		_, err = io.WriteString(p.stdout, text)
		return err
	}
	return p.checkAndUp(ctx, conn, m, word == "up")
}

func (p *program) checkAndUp(ctx context.Context, conn *pgx.Conn, m *attach.Mapping, up bool) error {
	report, err := attach.Check(ctx, conn, m)
	if err != nil {
		return err
	}
	if !up {
		verdict := p.printReport(report, p.stdout)
		if p.as != "" && report.Worst() < attach.Wrong {
			fmt.Fprintln(p.stdout)
			if err := attach.PrintQueue(ctx, conn, m, p.as, p.stdout); err != nil {
				return err
			}
		}
		return verdict
	}
	if report.Worst() == attach.Wrong {
		return p.printReport(report, p.stdout)
	}
	for _, f := range report {
		if f.Level == attach.Warning {
			fmt.Fprintln(p.stderr, text.Harmless("warning: "+f.Means+" → "+f.Mend))
		}
	}
	done, err := attach.Up(ctx, conn, m)
	if err != nil {
		return err
	}
	fmt.Fprintln(p.stdout, map[bool]string{true: "attached: kitchen serve can use this database", false: "nothing to do: this mapping is installed"}[done])
	return nil
}

// printReport prints findings, and returns the verdict as the doctor does.
func (p *program) printReport(report attach.Report, w io.Writer) error {
	if p.json {
		if err := report.PrintJSON(w); err != nil {
			return err
		}
	} else {
		report.Print(w)
	}
	if worst := report.Worst(); worst != attach.OK {
		return exitCode(worst)
	}
	return nil
}

func printTemplate(p *program) error {
	if p.list {
		for _, t := range attach.Templates() {
			fmt.Fprintf(p.stdout, "%-16s %s\n", t.Name, t.About)
		}
		return nil
	}
	t, err := attach.FindTemplate(p.args[1])
	if err != nil {
		return err
	}
	_, err = io.WriteString(p.stdout, t.Text)
	return err
}
