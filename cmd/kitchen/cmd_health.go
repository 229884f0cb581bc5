package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"kitchen/cmd/kitchen/node"
)

func healthCommand(p *program) *cobra.Command {
	return p.command(&cobra.Command{
		Use: "health", Short: "ask the node of this machine whether it is up, for a container's health check",
		Long: `Asks /healthz at the address that the node was told to listen at. Exit code 0 where it is up, 1 where it is not. A node that
does not hear its database is up all the same: it says so itself, and starting it anew would help nobody.`,
	}, action{
		settings: shared("listen", "tls-cert"),
		run: func(ctx context.Context, p *program) error {
			if err := node.AskHealth(ctx, p.listen, p.tlsCert != ""); err != nil {
				return err
			}
			fmt.Fprintln(p.stdout, "up")
			return nil
		},
	})
}
