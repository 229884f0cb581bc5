package main

import (
	"context"
	"fmt"
)

func runHealth(ctx context.Context, p *program) error {
	if err := askHealth(ctx, p.listen, p.tlsCert != ""); err != nil {
		return err
	}
	fmt.Fprintln(p.stdout, "up")
	return nil
}
