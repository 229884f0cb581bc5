package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"kitchen/cmd/kitchen/node"
	"kitchen/cmd/kitchen/text"
)

func versionCommand(p *program) *cobra.Command {
	return p.command(&cobra.Command{
		Use: "version", Short: "say which version this is, and what it was built from",
		Long: `Prints the version, the revision of the repository, and the Go version and platform that it was built with and for.`,
	}, action{settings: shared("json"), run: runVersion})
}

func runVersion(_ context.Context, p *program) error {
	b := node.BuildInfo()
	if p.json {
		return text.JSON(p.stdout, b)
	}
	fmt.Fprintf(p.stdout, "kitchen %s\n", b.Version)
	revision := b.Revision
	if b.Time != "" {
		revision += " of " + b.Time
	}
	if b.Modified {
		revision += ", with changes that were not committed"
	}
	fmt.Fprintf(p.stdout, "revision %s\n%s %s\n", revision, b.Go, b.Platform)
	return nil
}
