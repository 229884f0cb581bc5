package order

// User is a person, or a screen, that may open a display.
type User struct {
	ID         UserID
	Restaurant RestaurantID
	Username   string
	Name       string // the username where it is empty in the database
	Role       string // owner, manager, cashier, kitchen or viewer
	Active     bool
}
