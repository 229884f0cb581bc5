package attach_test

import "fmt"

// orderRow, many, line and modifier write to the tables of a Django app.
func orderRow(id, restaurant int) string {
	return fmt.Sprintf(`insert into orders_order (id, order_number, order_type, status, priority, customer_name, notes, total, created_at, updated_at, restaurant_id)
		values (%d, 1, 'dine_in', 'pending', 0, '', '', 0, now(), now(), %d)`, id, restaurant)
}

func many(from, to int, restaurant string) string {
	return fmt.Sprintf(`insert into orders_order (id, order_number, order_type, status, priority, customer_name, notes, total, created_at, updated_at, restaurant_id)
		select n, 1, 'dine_in', 'pending', 0, '', '', 0, now(), now(), %s from generate_series(%d, %d) n`, restaurant, from, to)
}

func line(id, order int) string {
	return fmt.Sprintf(`insert into orders_orderitem (id, quantity, unit_price, notes, menu_item_id, order_id) values (%d, 1, 1, '', 1, %d)`, id, order)
}

func modifier(id, line int) string {
	return fmt.Sprintf(`insert into orders_orderitemmodifier (id, quantity, modifier_option_id, order_item_id) values (%d, 1, 1, %d)`, id, line)
}
