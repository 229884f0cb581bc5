package main

import (
	"context"
	"fmt"

	"kitchen/cmd/kitchen/node"
)

func runHealth(ctx context.Context, p *program) error {
	if err := node.AskHealth(ctx, p.listen, p.tlsCert != ""); err != nil {
		return err
	}
	fmt.Fprintln(p.stdout, "up")
	return nil
}
