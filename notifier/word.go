package notifier

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode"

	"kitchen/db"
)

// maxBy is the most characters that are told of a writer's name: as many as the triggers send.
const maxBy = 40

// word is what a notification says beyond the order that it names. It is believed for display alone: whoever can connect to
// the database can say it.
type word struct {
	by      string // the writer's application_name, fit to be shown; empty where the notification says none
	version int64  // the order's, which that writer made
	deleted bool   // that writer deleted it, or moved it away
}

// wordOf finds the writer in a payload of our triggers, by its form, for the reason that orderOf gives. In any other form there
// is no writer.
func wordOf(payload string) (w word) {
	_, rest, ok := strings.Cut(payload, `,"version":`)
	number, name, named := strings.Cut(rest, `,"by":`)
	if !ok || !named || len(name) < 3 || name[0] != '"' || !strings.HasSuffix(name, `"}`) {
		return w
	}
	version, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return w
	}
	name = name[:len(name)-1]
	if w.by = name[1 : len(name)-1]; strings.ContainsAny(w.by, `"\`) && json.Unmarshal([]byte(name), &w.by) != nil {
		return word{}
	}
	w.by, w.version = presentable(w.by), version
	w.deleted = strings.HasPrefix(payload, `{"type":"order_deleted"`)
	return w
}

// presentable is a name fit for any screen: of at most maxBy characters, each of which can be seen.
func presentable(name string) string {
	var b strings.Builder
	n := 0
	for _, r := range strings.TrimSpace(name) { // of what is no UTF-8, range makes U+FFFD
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

// speaksOf reports whether the change that a notification announced is the last one of what has been read: else somebody else
// changed the order after that, who is not the one it names.
func (w word) speaksOf(is *db.Order) bool {
	if is == nil {
		return w.deleted
	}
	return !w.deleted && w.version == is.Version
}

// clue is what notifications said of a marked order.
type clue struct {
	heard time.Time // the first of them
	word            // of the last of them
}

// after is the clue of both: heard since the earlier, and with the word of the later, c.
func (c clue) after(earlier clue) clue { return clue{earlier.heard, c.word} }
