package protocol

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"kitchen/db/order"
)

// maxLines is how many lines of an order one message may name.
const maxLines = 300

// maxReason is how many characters a reason has at most: kitchen.set_lines refuses longer ones.
const maxReason = 100

// parseLines reads what only an update_lines has.
func (r *Request) parseLines(fields map[string]json.RawMessage, lines order.KeyType) *Problem {
	status, ok := text(fields, "status")
	if !ok {
		return &Problem{Code: InvalidMessage, Message: "status is missing, or is not a string"}
	}
	if r.Status = order.Status(status); !ofLine(r.Status) {
		return &Problem{Code: InvalidStatus, Message: "the status of a line has to be pending, preparing or ready"}
	}
	if fields["station"] == nil {
		return &Problem{Code: InvalidMessage, Message: "station is missing: send the id of a station, or null for lines that have none"}
	}
	if given(fields, "station") != nil {
		id, isString := text(fields, "station")
		canonical, err := order.UUID.Parse(id)
		if !isString || err != nil {
			return &Problem{Code: InvalidMessage, Message: "station has to be the id of a station, or null for lines that have none"}
		}
		r.Station = &canonical
	}
	if raw := given(fields, "from"); raw != nil {
		from, isString := text(fields, "from")
		if !isString {
			return &Problem{Code: InvalidMessage, Message: "from has to be the status that was seen"}
		}
		was := order.Status(from)
		if !ofLine(was) {
			return &Problem{Code: InvalidStatus, Message: "from has to be pending, preparing or ready"}
		}
		r.From = &was
	}
	if given(fields, "reason") != nil {
		if r.Reason, ok = text(fields, "reason"); !ok || utf8.RuneCountInString(r.Reason) > maxReason || strings.ContainsRune(r.Reason, 0) {
			return &Problem{Code: InvalidMessage, Message: "reason has to be a text of at most 100 characters"}
		}
		if r.Reason != "" && r.Status != order.Pending {
			return &Problem{Code: InvalidMessage, Message: "a reason says why lines are made again: send it with the status pending"}
		}
	}
	raw := given(fields, "lines")
	if raw == nil {
		return nil
	}
	if json.Unmarshal(raw, &r.Lines) != nil || len(r.Lines) == 0 || len(r.Lines) > maxLines {
		return &Problem{Code: InvalidMessage, Message: "lines has to be a list of 1 to 300 ids, or be left out for all of the station"}
	}
	for i, id := range r.Lines {
		canonical, err := lines.Parse(id)
		if err != nil {
			return &Problem{Code: InvalidMessage, Message: "lines has to hold ids of lines"}
		}
		r.Lines[i] = canonical
	}
	return nil
}

func ofLine(s order.Status) bool {
	return s == order.Pending || s == order.Preparing || s == order.Ready
}
