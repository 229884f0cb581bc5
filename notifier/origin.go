package notifier

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode"

	"kitchen/db/order"
)

// maxBy is the most characters that are shown of a writer's name: as many as the triggers send.
const maxBy = 40

// origin is who wrote a change, according to the notification. It is not verified, because everybody who can connect to the database can
// send a notification. So it is only shown.
type origin struct {
	by      string // the writer's application_name, fit to be shown; empty where the notification says none
	version int64  // the order's version that the writer made
	deleted bool   // the writer deleted the order, or moved it away
}

// originOf finds the writer in a payload of our triggers, by its form, for the reason that orderOf gives. A payload of any other
// form names no writer.
func originOf(payload string) (o origin) {
	_, rest, ok := strings.Cut(payload, `,"version":`)
	number, name, named := strings.Cut(rest, `,"by":`)
	if !ok || !named || len(name) < 3 || name[0] != '"' || !strings.HasSuffix(name, `"}`) {
		return o
	}
	version, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return o
	}
	name = name[:len(name)-1]
	if o.by = name[1 : len(name)-1]; strings.ContainsAny(o.by, `"\`) && json.Unmarshal([]byte(name), &o.by) != nil {
		return origin{}
	}
	o.by, o.version = presentable(o.by), version
	o.deleted = strings.HasPrefix(payload, `{"type":"order_deleted"`)
	return o
}

// presentable makes a name fit for any screen: at most maxBy characters, all of them visible.
func presentable(name string) string {
	var b strings.Builder
	n := 0
	for _, r := range strings.TrimSpace(name) { // range makes U+FFFD of what is not UTF-8
		if n++; n > maxBy {
			break
		}
		if !unicode.IsPrint(r) {
			r = unicode.ReplacementChar
		}
		b.WriteRune(r)
	}
	return b.String()
}

// made reports whether the writer made the version of an order that was read. If not, somebody else changed the order later, whom
// this notification does not name.
func (o origin) made(is *order.Order) bool {
	if is == nil {
		return o.deleted
	}
	return !o.deleted && o.version == is.Version
}
