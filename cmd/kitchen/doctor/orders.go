package doctor

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"kitchen/cmd/kitchen/database"
	"kitchen/db"
)

// What keeps orders from being written as they should.

// checkEncoding reports a database whose encoding cannot hold every text.
func (x *examination) checkEncoding(ctx context.Context) {
	encoding, err := x.pool.Encoding(ctx)
	switch {
	case err != nil:
		x.failed("encoding", err)
	case encoding == "UTF8":
		x.add("encoding", Fine, encoding, "")
	default:
		x.add("encoding", wrong, "the database has the encoding "+encoding+", which cannot hold all that people write, or holds bytes that are no text",
			"move to a new one: create database kitchen template template0 encoding 'UTF8'")
	}
}

// numbersHeld is how long a transaction may hold a counter of order numbers before a warning names it.
const numbersHeld = 2 * time.Second

func (x *examination) checkNumbers(ctx context.Context) {
	holders, err := x.pool.CounterHolders(ctx, numbersHeld)
	if err != nil {
		x.failed("numbers", err)
		return
	}
	if len(holders) == 0 {
		x.add("numbers", Fine, "no open transaction makes others wait for numbers", "")
		return
	}
	names, pids := make([]string, len(holders)), make([]string, len(holders))
	for i, h := range holders {
		names[i], pids[i] = h.String(), fmt.Sprintf("select pg_terminate_backend(%d)", h.PID)
	}
	x.add("numbers", warning, "a transaction that stays open has numbered orders: other orders of its restaurant wait a moment each, and get numbers from 9000 on; it is "+
		strings.Join(names, "; and "), "end it, if it hangs: "+strings.Join(pids, "; "))
}

func (x *examination) checkTimezones(ctx context.Context) {
	lost, err := x.pool.LostTimezones(ctx)
	switch {
	case db.Denied(err): // checkRights says so
	case err != nil:
		x.failed("time zones", err)
	case len(lost) == 0:
		x.add("time zones", Fine, "the server knows those of all restaurants", "")
	default:
		more := ""
		if len(lost) > 5 {
			lost, more = lost[:5], fmt.Sprintf(", and %d more", len(lost)-5)
		}
		x.add("time zones", warning, "the server does not know the time zones of "+strings.Join(lost, ", ")+more+": their business days are counted in UTC",
			"install the server's time zone data (tzdata-legacy on Debian 13), or give them names of today: update restaurants set timezone = 'America/New_York' where timezone = 'US/Eastern'")
	}
}

// checkObstacles reads from the catalog what would happen to an order that somebody writes, because a node's role may not insert
// one to try.
func (x *examination) checkObstacles(ctx context.Context) {
	obstacles, err := x.pool.Obstacles(ctx, slices.Sorted(maps.Keys(database.Functions())))
	if err != nil {
		x.failed("orders", err)
		return
	}
	if x.current { // with other migrations there are other columns
		missing, err := x.pool.MissingColumns(ctx, database.Columns())
		if err != nil {
			x.failed("orders", err)
			return
		}
		obstacles = append(missing, obstacles...)
	}
	if x.obstructed = len(obstacles) > 0; !x.obstructed {
		x.add("orders", Fine, "no rule, no missing column and no missing right of the functions' and views' owners keeps them from being written or seen", "")
		return
	}
	means, mend := make([]string, len(obstacles)), make([]string, 0, len(obstacles))
	for i, o := range obstacles {
		means[i] = o.Means
		if !slices.Contains(mend, o.Mend) {
			mend = append(mend, o.Mend)
		}
	}
	x.add("orders", wrong, "cannot be written, announced or seen as they should: "+strings.Join(means, "; "), strings.Join(mend, "; "))
}

// checkAnnouncements reports errors of the triggers in the last day. Writers never see these: their changes are committed all the
// same.
func (x *examination) checkAnnouncements(ctx context.Context) {
	errors, err := x.pool.TriggerErrors(ctx)
	switch {
	case db.Denied(err): // checkRights says so
	case err != nil:
		x.failed("announcements", err)
	case len(errors) == 0:
		x.add("announcements", Fine, "no trigger has failed in the last day", "")
	default:
		e := errors[0]
		means := fmt.Sprintf("a change of %s was not announced at %s: %s (SQLSTATE %s)", e.Source, e.At.UTC().Format(time.RFC3339), e.Message, e.Code)
		if len(errors) > 1 {
			means += fmt.Sprintf("; and %d more: select * from kitchen.trigger_errors", len(errors)-1)
		}
		mend := "mend what it says; displays showed the change half a minute late. The list forgets: delete from kitchen.trigger_errors"
		if e.Code == "42501" && strings.Contains(e.Message, "row-level security") {
			mend = "let the triggers' owner see all rows: alter table " + e.Source + " no force row level security, or give the owner bypassrls; then delete from kitchen.trigger_errors"
		}
		x.add("announcements", warning, means, mend)
	}
}
