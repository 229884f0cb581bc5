package main

import (
	"context"
	"fmt"

	"kitchen/cmd/kitchen/node"
	"kitchen/cmd/kitchen/text"
)

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
