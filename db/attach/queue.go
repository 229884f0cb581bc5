package attach

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/jackc/pgx/v5"
)

// PrintQueue prints the queue that a user's display would get from a mapping, of each restaurant that is the user's. It changes nothing.
// user is an id, or a name that only one user has.
func PrintQueue(ctx context.Context, conn *pgx.Conn, m *Mapping, user string, w io.Writer) error {
	return RolledBack(ctx, conn, func(tx pgx.Tx) error {
		if err := prepare(ctx, tx); err != nil {
			return err
		}
		if _, err := m.read(ctx, tx); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `
			select u.id::text, u.restaurant_id::text, coalesce(u.name, ''), coalesce(u.role, ''), coalesce(u.is_active, false), coalesce(r.name, '')
			  from kitchen.users u left join kitchen.restaurants r on r.id = u.restaurant_id
			 where u.id::text = $1 or u.name = $1 and not exists (select from kitchen.users x where x.id::text = $1)
			 order by 1, 2`, user)
		if err != nil {
			return fmt.Errorf("look up user %s: %w", user, err)
		}
		type right struct {
			ID, Restaurant, Name, Role string
			Active                     bool
			RestaurantName             string
		}
		rights, err := pgx.CollectRows(rows, pgx.RowToStructByPos[right])
		if err != nil {
			return fmt.Errorf("look up user %s: %w", user, err)
		}
		if len(rights) == 0 {
			return &RefusedError{"", fmt.Sprintf("kitchen.users has no user %q: a display would be closed with 4001 or 4003", user),
				"give an id or a name of kitchen.users"}
		}
		for _, r := range rights {
			if r.ID != rights[0].ID {
				return &RefusedError{"", fmt.Sprintf("%q is the name of several users", user), "give the id"}
			}
			state := "may open displays"
			if !r.Active {
				state = "is not active: a display would be closed with 4001"
			}
			fmt.Fprintf(w, "user %s (%s), %s of restaurant %s (%s), %s\n", r.ID, clean(r.Name), clean(r.Role), r.Restaurant, clean(r.RestaurantName), state)
			if r.Active {
				if err := printOrders(ctx, tx, r.Restaurant, w); err != nil {
					return fmt.Errorf("read the queue of restaurant %s: %w", r.Restaurant, err)
				}
			}
		}
		return nil
	})
}

func printOrders(ctx context.Context, tx pgx.Tx, restaurant string, w io.Writer) error {
	rows, err := tx.Query(ctx, `
		select '  #' || coalesce(o.order_number::text, '?') || ' ' || o.status || ' ' || coalesce(o.order_type, '')
		       || coalesce(' table ' || o.table_label, '') || coalesce(' for ' || nullif(o.customer_name, ''), '') || ' (order ' || o.id || ')',
		       (select coalesce(array_agg('      ' || trim_scale(coalesce(l.quantity::numeric, 1)) || ' x ' || coalesce(l.name, '?') || coalesce(' (' || nullif(l.notes, '') || ')', '')
		               || coalesce((select string_agg('; ' || x.name, '' order by x.position, x.id) from kitchen.modifiers x where x.line_id = l.id), '')
		               order by l.position, l.id), '{}') from kitchen.lines l where l.order_id = o.id)
		  from kitchen.orders o where o.restaurant_id = $1::text::kitchen.restaurant_key and o.open
		 order by o.created_at, o.id limit 500`, restaurant)
	if err != nil {
		return err
	}
	var head string
	var lines []string
	n := 0
	_, err = pgx.ForEachRow(rows, []any{&head, &lines}, func() error {
		n++
		for _, l := range append([]string{head}, lines...) {
			fmt.Fprintln(w, clean(l))
		}
		return nil
	})
	if err == nil && n == 0 {
		fmt.Fprintln(w, "  no open order")
	}
	return err
}

// clean keeps what a host wrote from moving the terminal's cursor.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, s)
}
