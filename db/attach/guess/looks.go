package guess

import (
	"slices"
)

func (g *guess) looksLikeOrders(t *table) int {
	head := 0
	switch {
	case has(t.Name, "order", "ticket"):
		head = 3
	case has(t.Name, "posinvoice"), has(t.Name, "sale", "pedido", "comanda", "commande", "bestell", "ordine", "ordini"), slices.Contains([]string{"check", "bill", "tab", "receipt"}, singular(t.Name)):
		head = 1
	}
	if head == 0 || t.isLink() || has(t.Name, "item", "line", "detail", "modifier", "status", "history", "vendor", "purchase", "prep",
		"stats", "meta", "lookup", "change", "summary", "transaction", "shipping", "event", "fulfil", "address", "total", "payment", "coupon", "menu", "activity", "sequence", "archiv", "backup", "detalle", "ligne", "setting", "estado", "statut", "historial") ||
		slices.Contains([]string{"log", "rel", "unit"}, singular(t.Name)) {
		return 0
	}
	score := head
	for _, other := range g.tables {
		if other != t && other.refTo(t) != nil {
			score++
		}
		if other != t && has(other.Name, "order", "ticket", "pedido", "comanda", "sale") && t.refTo(other) != nil {
			score -= 6 // a part of an order
		}
	}
	if t.statusLike() != "" {
		score += 10
	}
	if slices.Contains([]string{"order", "pedido", "comanda", "sale"}, singular(t.Name)) {
		score += 5
	}
	return score
}

func (g *guess) looksLikeLines(t *table) int {
	if t == g.orders || t.refTo(g.orders) == nil && (!has(t.Name, "order") || g.joins(g.orders, t) == nil) {
		return 0
	}
	score := 0
	if t.quantity() != "" {
		score += 5
	}
	if has(t.Name, "item", "line", "detail", "product", "menu", "dish", "position", "detalle", "linea", "ligne", "posten") {
		score += 5
	}
	if score > 0 && t.nameOf() != "" {
		score += 3
	}
	if t.isLink() {
		score -= 4
	}
	if has(t.Name, "modifier", "option", "extra", "topping", "addon", "total", "payment", "meta", "lookup", "fulfil", "refund", "history", "discount", "status", "adjustment", "itemunit", "removed", "deleted", "void", "cancel", "waste", "archive") {
		score -= 9
	}
	if t.keyless {
		score -= 4
	}
	return score
}

// tenancy scores how much a table's name looks like one of restaurants.
func tenancy(t *table) int {
	for score, words := range [][]string{5: {"channel"}, 6: {"tenant", "company", "organization", "organisation", "business", "empresa"},
		7: {"store", "shop", "location", "site", "merchant", "vendor", "tienda", "loja"}, 8: {"branch", "venue", "outlet", "kitchen", "sucursal", "filial"}, 9: {"restaurant", "ristorante", "trattoria", "pizzeria", "cafe", "bistro"}} {
		if score == 6 && singular(t.Name) == "org" {
			return score
		}
		if has(singular(t.Name), words...) || has(t.Name, words...) && !has(t.Name, "order") {
			return score
		}
	}
	return 0
}

func (g *guess) looksLikeUsers(t *table) int {
	score := 1
	switch {
	case has(t.Name, "group", "permission", "token", "session", "address", "role", "authorit", "claim", "link"):
		return 0
	case singular(t.Name) == "user":
		score = 6
	case has(t.Name, "user", "staff", "employee", "admin", "usuario", "benutzer", "utilisateur", "empleado", "funcionario", "mitarbeiter"):
	case has(t.Name, "account", "profile", "member", "operator") && (t.column("role", "rol", "username", "login", "email") != "" || g.joins(t, g.tenants) != nil):
	case has(t.Name, "people", "person") && t.columnLike(isWord, "password") != "":
	default:
		return 0
	}
	if t.column("username", "login", "email") != "" {
		score += 3
	}
	if t.refTo(g.tenants) != nil || g.joins(t, g.tenants) != nil {
		score += 10
	}
	return score
}
