package guess

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"kitchen/db/attach/sqltext"
)

var fiveStatuses = []string{"pending", "preparing", "ready", "completed", "cancelled"}

// meanings lists, for each of our statuses, the words of hosts that most often mean it, the clearest first. Other words cannot be guessed.
var meanings = map[string]string{
	"pending": "pending new placed received queued created submitted open accepted confirmed ordered sent approved paid acknowledged waiting processing unfulfilled pendingapproval active " +
		"fired todo incoming pendiente nuevo recibido confirmado aceptado pagado pendente novo recebido aceito enattente nouveau recue confirmee neu offen eingegangen bestaetigt inattesa nuovo ricevuto",
	"preparing": "preparing cooking inpreparation inkitchen started inprogress making beingprocessed preparation prep inproduction baking assembling partiallyfulfilled running " +
		"preparando enpreparacion encocina empreparo enpreparation encuisine inzubereitung inarbeit inpreparazione",
	"ready": "ready plated readyforpickup readytoserve prepared cooked packed readyfordelivery readyforcollection awaitingpickup listo lista pronto pronta prete pret fertig bereit abholbereit",
	"completed": "completed complete done served delivered closed finished fulfilled pickedup shipped outfordelivery ontheway delivering delivery dispatched settled collected returned billed " +
		"bumped archived entregado servido completado cerrado entregue finalizado concluido livre servi termine abgeholt geliefert erledigt abgeschlossen consegnato completato chiuso",
	"cancelled": "cancelled canceled cancel void voided rejected refused declined refunded failed expired reversed noshow abandoned cancelado cancelada anulado rechazado recusado annule annulee storniert annullato",
	"cart":      "cart draft basket building checkout addingitems incomplete awaitingpayment pendingpayment checkoutdraft unconfirmed requiresaction address payment quotation quote carrito borrador carrinho rascunho brouillon panier entwurf warenkorb bozza autodraft trash trashed", // no order yet
}

// roleWords lists, for each of our roles, the words that hosts use for it.
var roleWords = map[string]string{
	"owner":   "owner superuser superadmin proprietor propietario dono inhaber proprietaire restaurantowner shopowner",
	"manager": "manager admin administrator supervisor tenantadmin storemanager branchmanager restaurantadmin gerente encargado administrador",
	"cashier": "cashier waiter waitress server staff employee bartender seller mesero camarero cajero garcom caixa kellner serveur operator",
	"kitchen": "kitchen chef cook kitchenstaff headchef souschef cocina cocinero cozinha cozinheiro kueche koch cuisinier",
	"viewer":  "viewer readonly tenantviewer",
	"nobody":  "customer client guest driver courier rider user member public anonymous authenticated cliente", // opens no display
}

func meaning(words map[string]string, word string) string {
	for means, all := range words {
		if slices.Contains(strings.Fields(all), plainWord(word)) {
			return means
		}
	}
	return ""
}

// plainWord is a word in lower case, without accents and without what hosts put before it and between its parts.
func plainWord(w string) string {
	w = strings.ToLower(strings.TrimSpace(w))
	for _, prefix := range []string{"wc-", "role_", "order_", "status_", "order."} {
		w = strings.TrimPrefix(w, prefix)
	}
	return strings.NewReplacer(" ", "", "_", "", "-", "", "ä", "ae", "ö", "oe", "ü", "ue", "é", "e", "è", "e", "ê", "e", "ç", "c", "ó", "o", "ã", "a", "í", "i", "á", "a").Replace(w)
}

// label is the word as the host's users know it.
func (w word) label() string {
	if w.Name != "" {
		return w.Name
	}
	return strings.ReplaceAll(strings.Trim(w.SQL, "'"), "''", "'")
}

// word is a value of a host's column, as SQL, and what it is taken to mean.
type word struct {
	SQL, Means string
	Name       string // where the column holds a number or a key: what another table calls it
}

// newestFirst orders rows by their key, backwards.
func (t *table) newestFirst() string {
	keys := make([]string, len(t.keys))
	for i, k := range t.keys {
		keys[i] = sqltext.Quote(k) + " desc"
	}
	return strings.Join(keys, ", ")
}

// wordsOf reads the words of a column: those in its first and its newest rows, and those of its type if that is an enum.
func wordsOf(ctx context.Context, tx pgx.Tx, t *table, col string, means map[string]string) (words []word, nulls bool, err error) {
	newest := ""
	if !t.keyless { // a long table begins with what is over
		newest = fmt.Sprintf("\n\t\t union all select w from (select %s::text as w from %s order by %s limit 100000) t", sqltext.Quote(col), t.sql(), t.newestFirst())
	}
	rows, err := tx.Query(ctx, fmt.Sprintf(`
		select distinct w from (select w from (select %[1]s::text as w from %[2]s limit 100000) t%[5]s
		 union all select e.enumlabel::text from pg_catalog.pg_enum e join pg_catalog.pg_attribute a on a.atttypid = e.enumtypid
		  where a.attrelid = %[3]s::regclass and a.attname = %[4]s) s order by 1 nulls last limit 40`,
		sqltext.Quote(col), t.sql(), sqltext.Literal(t.sql()), sqltext.Literal(col), newest))
	if err != nil {
		return nil, false, err
	}
	number := sqltext.Int.Fits(t.typeOf(col)) || t.typeOf(col) == "boolean"
	var w *string
	_, err = pgx.ForEachRow(rows, []any{&w}, func() error {
		switch {
		case w == nil:
			nulls = true
		case number:
			words = append(words, word{SQL: *w})
		default:
			words = append(words, word{SQL: sqltext.Literal(*w), Means: meaning(means, *w)})
		}
		return nil
	})
	return words, nulls, err
}

// readWords reads the words of the orders' status, and of the users' roles.
func (g *guess) readWords(ctx context.Context, tx pgx.Tx) (err error) {
	if t, _ := g.statusTable(); g.status != "" {
		if g.words, g.nulls, err = wordsOf(ctx, tx, t, g.status, meanings); err != nil {
			return fmt.Errorf("read the statuses: %w", err)
		}
	}
	if g.statuses != nil {
		if err := g.readStatuses(ctx, tx); err != nil {
			return fmt.Errorf("read the table of statuses: %w", err)
		}
	}
	switch t, col := g.role(); {
	case col != "":
		g.roles, _, err = wordsOf(ctx, tx, t, col, roleWords)
	case g.roleTable != nil:
		g.roles, _, err = wordsOf(ctx, tx, g.roleTable, g.roleTable.nameOf(), roleWords)
	case g.grants != nil:
		g.roles, _, err = wordsOf(ctx, tx, g.grants, g.grants.roleWord(), roleWords)
	}
	if err != nil {
		return fmt.Errorf("read the roles: %w", err)
	}
	if c := g.tenants.column("timezone", "time_zone", "tz"); c != "" {
		var bad int
		err := tx.QueryRow(ctx, fmt.Sprintf(`select count(*) from (select %[1]s::text as z from %[2]s limit 1000) t
			 where z is not null and not exists (select from pg_catalog.pg_timezone_names n where lower(n.name) = lower(z))`, sqltext.Quote(c), g.tenants.sql())).Scan(&bad)
		if err != nil {
			return fmt.Errorf("read the time zones: %w", err)
		}
		g.zone = "coalesce(r." + quoteIf(c) + "::text, 'UTC') as timezone"
		if bad > 0 {
			g.zone = "'UTC' as timezone -- GUESS: " + c + " has names that PostgreSQL does not know: map them\n      "
		}
	}
	return nil
}

// readStatuses reads the table of statuses. Where it has those of other things as well, only the kinds that orders have count.
func (g *guess) readStatuses(ctx context.Context, tx pgx.Tx) error {
	o := g.orders
	r := o.refTo(g.statuses)
	key, where := quoteIf(r.toCols[0]), ""
	kind := g.statuses.columnLike(isWord, "type", "kind", "category")
	for _, k := range g.statuses.refs {
		if kind == "" && len(k.cols) == 1 && has(k.to.Name, "machine", "workflow", "type", "kind", "group") {
			kind = k.cols[0]
		}
	}
	if kind != "" && len(g.words) > 0 {
		where = fmt.Sprintf(" where s.%[1]s in (select k.%[1]s from %[2]s k where k.%[3]s in (select %[4]s from %[5]s))", quoteIf(kind), g.statuses.sql(), key, quoteIf(g.status), o.sql())
	}
	rows, err := tx.Query(ctx, fmt.Sprintf(`select s.%s::text, s.%s::text from %s s%s order by 1 limit 40`, key, quoteIf(g.statuses.nameOf()), g.statuses.sql(), where))
	if err != nil {
		return err
	}
	g.words = nil
	var id string
	var name *string
	_, err = pgx.ForEachRow(rows, []any{&id, &name}, func() error {
		w := word{SQL: id, Name: sqltext.OrNull(name)}
		if w.Name == id {
			w.Name = "" // the key is the word
		}
		if !sqltext.Int.Fits(g.statuses.typeOf(r.toCols[0])) {
			w.SQL = sqltext.Literal(id)
		}
		w.Means = meaning(meanings, cmp.Or(w.Name, id))
		g.words = append(g.words, w)
		return nil
	})
	return err
}
