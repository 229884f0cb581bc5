package attach

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"kitchen/db/attach/sqltext"
)

const (
	sampleRows  = 6               // of a table
	sampleMost  = 60              // where none of these shows in a view
	fewOrders   = 400             // up to so many orders, all are compared before and after a change
	holdAtMost  = 5 * time.Second // for the whole proof, because writers of the host wait meanwhile; twice that where changes do not show
	sampleWhole = 2               // rows in which every column is changed; in the others, columns up to the first that a view shows
)

// prove makes the triggers, with a function that collects in place of pg_notify. It changes sample rows of every table, and compares what
// was announced and recorded with what the views show before and after.
func prove(ctx context.Context, tx pgx.Tx, m *Mapping, d *model, atMost time.Duration, report *Report) error {
	const collector = `
		set local kitchen.notify = on;
		create table kitchen.collected (channel text, payload text);
		create function kitchen.collect(channel text, payload text) returns void language sql as $$
		  insert into kitchen.collected values ($1, $2) $$;`
	p := &proof{tx: tx, model: d, report: report, mapping: m,
		failed: map[string]bool{}, broken: map[string]bool{}, woken: map[string]bool{}}
	err := tx.QueryRow(ctx, `select array(select o.id::text from kitchen.orders o order by o.open desc, o.created_at desc limit $1)`, fewOrders).Scan(&p.orders)
	if err != nil {
		return fmt.Errorf("choose orders: %w", err)
	}
	if err := p.fillOwn(ctx); err != nil { // before there are triggers, which announce an order once a transaction
		return fmt.Errorf("fill the mapping's own tables: %w", err)
	}
	if err := takeSources(ctx, tx, d); err != nil {
		return err
	}
	g := generator{model: d, Notify: "kitchen.collect"}
	p.began = time.Now() // from here on writers of the host wait
	if err := run(ctx, tx, collector+g.over()); err != nil {
		return err
	}
	if p.before, err = p.facts(ctx); err != nil {
		return fmt.Errorf("read the views: %w", err)
	}
	for i, s := range d.sources {
		p.share = atMost * time.Duration(i+1) / time.Duration(len(d.sources))
		if err := p.try(ctx, s); err != nil {
			return fmt.Errorf("try changes of %s: %w", s.label(), err)
		}
	}
	return p.tryStatus(ctx)
}

type proof struct {
	tx      pgx.Tx
	model   *model
	report  *Report
	mapping *Mapping
	orders  []string // that are compared: all where there are few
	began   time.Time
	share   time.Duration   // since then, when the next table's turn comes
	before  map[string]fact // any change, each of which is taken back
	failed  map[string]bool // tables of which a change was not announced as the views show it: said once
	broken  map[string]bool // tables of which a change broke a view: said once
	woken   map[string]bool // tables of which a change woke another restaurant: said once
}

// fillOwn gives tables of the mapping's own, which are empty before it is installed, rows to try changes of: by a display that moves an order on
// until it is over, and calls it back. What goes wrong with that is said by tryStatus.
func (p *proof) fillOwn(ctx context.Context) error {
	if p.model.setStatus == "" || len(p.orders) == 0 || !slices.ContainsFunc(p.model.sources, func(s *source) bool { return s.schema == "kitchen" }) {
		return nil
	}
	err := atSavepoint(ctx, p.tx, func() error {
		for _, status := range []string{"completed", "ready"} {
			_, err := p.tx.Exec(ctx, fmt.Sprintf(`select kitchen.set_status(%s::kitchen.order_key, '%s')`, sqltext.Literal(p.orders[0]), status))
			var pg *pgconn.PgError
			if errors.As(err, &pg) {
				return errRollback
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, errRollback) {
		return nil
	}
	return err
}

// tryStatus calls kitchen.set_status for an open order or, where none is open, for one that a display would call back.
func (p *proof) tryStatus(ctx context.Context) error {
	if p.model.setStatus == "" {
		p.report.add("set_status", OK, "", "%s has no function kitchen.set_status(<order key>, text): displays only show", p.mapping.Name)
		return nil
	}
	var open bool
	var tried string
	err := atSavepoint(ctx, p.tx, func() error {
		for _, status := range []string{"preparing", "ready", "completed"} {
			var id string
			var isOpen bool
			err := p.tx.QueryRow(ctx, `select o.id::text, o.open from unnest($1::text[]::kitchen.order_key[]) with ordinality p (id, n) join kitchen.orders o on o.id = p.id
				where o.status <> $2 order by p.n limit 1`, p.orders[:min(20, len(p.orders))], status).Scan(&id, &isOpen)
			if errors.Is(err, pgx.ErrNoRows) {
				continue
			}
			if err != nil {
				return err
			}
			if tried == "" {
				tried, open = id, isOpen
			}
			if _, err := p.tx.Exec(ctx, fmt.Sprintf(`select kitchen.set_status(%s::kitchen.order_key, %s)`, sqltext.Literal(id), sqltext.Literal(status))); err != nil {
				return err
			}
			var is string
			if err := p.tx.QueryRow(ctx, `select coalesce((select o.status from kitchen.orders o where o.id = $1::text::kitchen.order_key), 'gone')`, id).Scan(&is); err != nil {
				return err
			}
			if is != status {
				return &RefusedError{"", fmt.Sprintf("kitchen.set_status(%s, '%s') leaves the order %s", id, status, is), ""}
			}
		}
		return errRollback
	})
	if errors.Is(err, errRollback) {
		switch {
		case tried == "":
			p.report.add("set_status", Warning, "make an order, and check again", "there is no order: whether kitchen.set_status moves one on was not tried")
		case !open:
			p.report.add("set_status", OK, "", "kitchen.set_status calls an order back and moves it on, and the view shows it; none is open")
		default:
			p.report.add("set_status", OK, "", "kitchen.set_status moves an order on, and the view shows it")
		}
		return nil
	}
	var r *RefusedError
	if !errors.As(refused(err, "", "kitchen.set_status"), &r) {
		return err
	}
	level, mend := Wrong, "let it set the host's word for each of the five statuses; what the host has no word for can stand in a table of the mapping's own, as kitchen attach template odoo-pos has it"
	var pg *pgconn.PgError
	switch {
	case errors.As(err, &pg) && pg.Code == "42883" && strings.Contains(pg.Message, "kitchen.set_status("): // undefined_function
		mend = fmt.Sprintf("declare it as kitchen.set_status(id %s, status text)", p.model.keys.Order)
	case pg != nil && !open: // a host may forbid to call back what is over
		level, mend = Warning, "where the host forbids to call back an order that is over, that is said to the cook; to try an open one, make an order, and check again"
	}
	p.report.add("set_status", level, mend, "%s: %s", p.mapping.placeOf("set_status"), r.Means)
	return nil
}
