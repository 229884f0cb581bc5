package rush

import (
	"slices"

	"kitchen/db/order"
)

// DemoID is the id of the demo restaurant, the same in every database.
const DemoID order.RestaurantID = "cafe0000-0000-4000-8000-000000000001"

const (
	demoName     = "Trattoria Vesuvio"
	demoTimezone = "Europe/Rome"
)

// course says what goes with what: nobody orders an espresso with extra mozzarella.
type course int

const (
	other course = iota
	starter
	pizza
	pasta
	grill
	side
	dessert
	coffee
	drink
)

type demoUser struct{ username, name, role string }

type demoItem struct {
	name, kitchenName string // the kitchen's own, shorter name; empty where the menu's will do
	course            course
}

type demoOption struct {
	name    string
	kind    string // as the column modifier_options.kind has it
	courses []course
}

// content is what the demo restaurant consists of.
type content struct {
	users   []demoUser
	tables  []string
	menu    []demoItem
	options []demoOption
}

// phrases is what guests and waiters write.
type phrases struct {
	lineNotes    []string
	orderNotes   []string
	allergyNotes []string
	customers    []string
}

func demoContent() content {
	return content{
		users: []demoUser{
			{"demo-kitchen", "Kitchen screen", "kitchen"},
			{"demo-giulia", "Giulia", "manager"},
			{"demo-anna", "Anna", "cashier"},
			{"demo-luca", "Luca", "cashier"},
			{"demo-noor", "Noor", "cashier"},
			{"demo-mei", "Mei", "cashier"},
		},
		tables: []string{
			"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "Bar 1", "Bar 2", "Terrace 1", "Terrace 2",
			"Terrace 3", "Terrace 4",
		},
		menu: []demoItem{
			{"Bruschetta al pomodoro", "Bruschetta", starter},
			{"Burrata with grilled peaches", "Burrata", starter},
			{"Vitello tonnato", "", starter},
			{"Minestrone", "", starter},
			{"Pizza Margherita", "Margherita", pizza},
			{"Pizza Marinara", "Marinara", pizza},
			{"Pizza Diavola", "Diavola", pizza},
			{"Pizza Quattro Formaggi", "4 Formaggi", pizza},
			{"Pizza Prosciutto e Funghi", "Prosc. funghi", pizza},
			{"Calzone", "", pizza},
			{"Spaghetti alla carbonara", "Carbonara", pasta},
			{"Tagliatelle al ragù", "Tagl. ragù", pasta},
			{"Penne all'arrabbiata", "Arrabbiata", pasta},
			{"Linguine alle vongole", "Vongole", pasta},
			{"Lasagne della casa", "Lasagne", pasta},
			{"Gnocchi with sage butter", "Gnocchi sage", pasta},
			{"Sea bass from the grill", "Sea bass", grill},
			{"Tagliata with rocket and parmesan", "Tagliata", grill},
			{"Chicken alla diavola", "Pollo diavola", grill},
			{"Green salad", "", side},
			{"Rosemary potatoes", "Potatoes", side},
			{"Focaccia", "", side},
			{"Tiramisù", "", dessert},
			{"Panna cotta", "", dessert},
			{"Affogato", "", dessert},
			{"Espresso", "", coffee},
			{"San Pellegrino 0.75 l", "Pellegrino 75", drink},
			{"Aranciata", "", drink},
		},
		options: []demoOption{
			{"extra mozzarella", "add", []course{pizza, pasta}},
			{"NO onion", "remove", []course{starter, pizza, pasta, side}},
			{"NO olives", "remove", []course{pizza, starter}},
			{"extra chilli", "add", []course{pizza, pasta, grill}},
			{"well done", "note", []course{pizza, grill}},
			{"medium rare", "note", []course{grill}},
			{"NO parmesan", "remove", []course{pasta, grill}},
			{"sauce on the side", "note", []course{grill, side, starter}},
			{"child's portion", "note", []course{pasta}},
			{"to share, two plates", "note", []course{starter, grill, dessert}},
			{"decaf", "note", []course{coffee}},
			{"GLUTEN-FREE", "allergy", []course{pizza, pasta}},
			{"LACTOSE-FREE", "allergy", []course{pizza, pasta, dessert}},
			{"NO NUTS", "allergy", []course{dessert, starter}},
		},
	}
}

func demoPhrases() phrases {
	return phrases{
		lineNotes: []string{
			"cut in eight", "very hot please", "half and half", "with the starters", "birthday, candle please",
			"no salt", "to the child first", "crispy edge", "dressing apart",
		},
		orderNotes: []string{
			"guests have a train at half past", "starters first, wait for the call", "all together please",
			"two coffees afterwards", "regulars, say hello", "in a hurry", "sharing everything: extra plates",
			"ring twice, 3rd floor", "leave at the door", "extra napkins",
		},
		allergyNotes: []string{
			"NUTS: severe", "gluten (coeliac)", "shellfish", "lactose", "eggs", "sesame: severe, clean pan",
		},
		customers: []string{
			"Rossi", "Amara", "J. Peeters", "Kowalska", "Yusuf", "Ines", "O'Brien", "Tanaka", "Žana", "Łukasz", "محمد", "Eva",
			"Nguyễn", "M. Dubois", "Sørensen",
		},
	}
}

// courseOf knows the courses of the demo menu's dishes; anything else is other.
func (c content) courseOf(name string) course {
	i := slices.IndexFunc(c.menu, func(m demoItem) bool { return m.name == name })
	if i < 0 {
		return other
	}
	return c.menu[i].course
}

func (c content) coursesOf(name string) []course {
	i := slices.IndexFunc(c.options, func(o demoOption) bool { return o.name == name })
	if i < 0 {
		return nil
	}
	return c.options[i].courses
}
