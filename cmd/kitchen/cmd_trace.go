package main

import (
	"context"
	"fmt"

	"kitchen/cmd/kitchen/text"
	"kitchen/cmd/kitchen/trace"
	"kitchen/db/order"
)

func checkTrace(_ *settings, args []string) []string {
	if len(args) == 0 {
		return []string{"say which order: kitchen trace ORDER-ID"}
	}
	if _, ok := order.Key(args[0]); !ok {
		return []string{fmt.Sprintf("%q can be no order's id", args[0])}
	}
	return nil
}

func runTrace(ctx context.Context, p *program) error {
	t, err := trace.Ask(ctx, p.metricsURL, p.args[0])
	if err != nil {
		return err
	}
	if p.json {
		err = text.JSON(p.stdout, t)
	} else {
		t.Print(p.stdout)
	}
	if err == nil && !t.Arrived {
		return exitCode(1)
	}
	return err
}
