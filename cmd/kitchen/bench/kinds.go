package bench

import (
	"context"

	"kitchen/db/load"
)

// kind is a kind of write, or of read, that is measured. do is called once for each turn, from 0 on.
type kind[W any] struct {
	what string
	do   func(ctx context.Context, w W, turn, restaurants int) error
}

// updatedOrders is how many orders exist for status updates and lines to change.
const updatedOrders = 200

// kinds are measured one after the other. Each has a range of order numbers of its own.
func kinds() []kind[*load.Writer] {
	const byStatement, rowByRow, updated = 1 << 26, 1 << 27, updatedNumbers
	return []kind[*load.Writer]{
		{"orders with lines", func(ctx context.Context, w *load.Writer, turn, restaurants int) error {
			return w.Order(ctx, turn, turn%restaurants)
		}},
		{"statement by statement", func(ctx context.Context, w *load.Writer, turn, restaurants int) error {
			return w.OrderByStatement(ctx, byStatement+turn, turn%restaurants)
		}},
		{"row by row, as an ORM", func(ctx context.Context, w *load.Writer, turn, restaurants int) error {
			return w.OrderRowByRow(ctx, rowByRow+turn, turn%restaurants)
		}},
		{"status updates", func(ctx context.Context, w *load.Writer, turn, _ int) error {
			return w.Status(ctx, updated+turn%updatedOrders, statusOf(turn))
		}},
		{"lines, one by one", func(ctx context.Context, w *load.Writer, turn, _ int) error {
			return w.Line(ctx, updated+turn%updatedOrders, turn/updatedOrders%load.Lines)
		}},
		{"reads of one order", func(ctx context.Context, w *load.Writer, turn, restaurants int) error {
			return w.Read(ctx, updated+turn%updatedOrders, turn%updatedOrders%restaurants)
		}},
	}
}

// hostKinds are the kinds of write to another program's tables that are measured.
func hostKinds() []kind[*load.HostWriter] {
	return []kind[*load.HostWriter]{
		{"attached: an order", func(ctx context.Context, w *load.HostWriter, turn, restaurants int) error {
			return w.Order(ctx, 1+turn%restaurants, 0)
		}},
		{"attached: an order with three lines", func(ctx context.Context, w *load.HostWriter, turn, restaurants int) error {
			return w.Order(ctx, 1+turn%restaurants, load.Lines)
		}},
		{"attached: a status", func(ctx context.Context, w *load.HostWriter, turn, _ int) error {
			return w.Status(ctx, 1+turn%updatedOrders, statusOf(turn))
		}},
		{"attached: a line", func(ctx context.Context, w *load.HostWriter, turn, _ int) error {
			return w.Line(ctx, 1+turn%(updatedOrders*load.Lines))
		}},
		{"attached: a payment", func(ctx context.Context, w *load.HostWriter, turn, _ int) error {
			return w.Pay(ctx, 1+turn%updatedOrders)
		}},
	}
}

// statusOf is the status that an order gets at a turn, which is always another one than it had.
func statusOf(turn int) string {
	return []string{"preparing", "ready", "preparing", "pending"}[turn/updatedOrders%4]
}
