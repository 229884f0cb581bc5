package guess

// evidence scores a table by what it holds and what refers to it, for hosts whose orders have a name that nobody would guess: it has lines, a
// status and a time.
func (g *guess) evidence(t *table) int {
	if t.isLink() || has(t.Name, "item", "line", "menu", "product", "user", "customer", "cart", "basket", "payment", "session", "stock", "message", "reservation", "booking", "archive", "history") {
		return 0
	}
	lines, history, score := false, false, 0
	for _, other := range g.tables {
		if other == t || other.refTo(t) == nil {
			continue
		}
		score++
		lines = lines || other.quantity() != "" && other.nameOf() != ""
		history = history || other.statusLike() != "" && other.columnLike(isTime, "") != ""
	}
	stages := (&guess{orders: t}).stagesOf()
	if !lines && t.columnLike(isJSON, documents...) == "" || !history && t.statusLike() == "" && len(stages) == 0 || t.columnLike(isTime, "") == "" {
		return 0
	}
	for _, r := range t.refs {
		if tenancy(r.to) > 0 {
			score += 5
		}
	}
	return score + 1
}
