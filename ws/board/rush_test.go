package board_test

import (
	"time"
)

// rush fills a kitchen with a busy evening: n open orders, the oldest first, of every kind.
func rush(k *kitchen, n int) []*order {
	menu := [][]item{
		{line(2, "Margherita", "extra mozzarella"), line(1, "Diavola", "no onion"), line(1, "Tiramisù")},
		{line(1, "Tagliatelle al ragù"), line(1, "Cotoletta", "no capers", "side salad"), line(2, "Panna cotta")},
		{line(1, "Risotto ai funghi", "no butter"), line(1, "Bistecca 300 g", "medium rare", "rosemary potatoes")},
		{line(3, "Burger", "no pickles", "extra cheese"), line(3, "Fries", "large"), line(1, "Coleslaw")},
		{line(1, "Quattro stagioni"), line(1, "Capricciosa", "no olives"), line(1, "Calzone"), line(2, "Garlic bread")},
		{line(1, "Branzino", "no butter"), line(1, "Spinach"), line(1, "Lemon sorbet")},
	}
	staff := []string{"Anna", "Luca", "Marta", "Giulia"}
	kinds := []string{"dine_in", "dine_in", "takeaway", "dine_in", "delivery"}
	names := []string{"Rossi", "Bianchi", "O'Hara", "Nguyen", "Kowalska"}
	var orders []*order
	for i := range n {
		age := time.Duration(n-i)*75*time.Second + 20*time.Second
		o := order{
			Number: 101 + i, Type: kinds[i%len(kinds)], CreatedAt: k.now().Add(-age), Items: menu[i%len(menu)],
			CreatedBy: &named{ID: newID(), Name: staff[i%len(staff)]},
		}
		o.Items = append([]item(nil), o.Items...)
		if o.Type == "dine_in" {
			o.Table = &named{ID: newID(), Label: []string{"4", "12", "7", "Terrace 3", "9"}[i%5]}
		} else {
			o.CustomerName = names[i%len(names)]
		}
		switch i {
		case 0:
			o.Status = "ready"
		case 1, 2:
			o.Status = "preparing"
		case 3:
			o.Status, o.AllergyNote = "preparing", "peanuts and sesame"
		case 4:
			o.Notes = "Birthday: candle on the tiramisù, please"
		case 5:
			o.Priority = 1
		case 6:
			o.AllergyNote = "gluten"
		case 7:
			due := k.now().Add(14 * time.Minute)
			o.PromisedAt = &due
		}
		if i == 2 {
			o.Items[0].Notes = "cut in eight"
		}
		orders = append(orders, k.add(o))
	}
	return orders
}
