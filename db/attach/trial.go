package attach

import (
	"context"
	"fmt"
	"kitchen/db/attach/sqltext"
	"slices"
	"time"
)

// trial is what came of changing sample rows of a table.
type trial struct {
	rows, tried, showed int
	hurried             bool // what is usually tried was left out, because writers of the host wait
}

// try changes sample rows of a table: every column that is watched, then deletion, and making it anew.
func (p *proof) try(ctx context.Context, s *source) error {
	rows, err := p.sample(ctx, s)
	if err != nil {
		return err
	}
	switch {
	case len(rows) == 0 && s.schema == "kitchen":
		p.report.add("changes", OK, "", "%s is the mapping's own and has no row yet: no change could be tried", s.label())
		return nil
	case len(rows) == 0:
		p.report.add("changes", Warning, "put a row in, and check again", "%s has no row to try a change of", s.label())
		return nil
	}
	var t trial
	for i, at := range rows {
		if i >= sampleRows && t.showed > 0 {
			break // further rows are for where no view shows the first
		}
		t.rows++
		if err := p.tryColumns(ctx, s, at, &t); err != nil {
			return err
		}
		if i >= sampleWhole {
			continue
		}
		if p.late(t.showed > 0) {
			t.hurried = true
			continue
		}
		n, seen, err := p.deleteAndInsert(ctx, s, at)
		if err != nil {
			return err
		}
		t.tried += n
		t.showed += seen
	}
	p.reportTrial(s, t)
	return nil
}

// late reports whether the time of a table is up. A table of which no change has shown may take as long again, but not the time of those
// that come after it.
func (p *proof) late(showed bool) bool {
	spent := time.Since(p.began)
	return spent > p.share && showed || spent > 2*p.share
}

// tryColumns changes the watched columns of a row, one by one. Of rows after the first, one change that shows is enough.
func (p *proof) tryColumns(ctx context.Context, s *source, at place, t *trial) error {
	for _, c := range s.columns(s.watched()) {
		if p.late(t.showed > 0) {
			t.hurried = true
			return nil
		}
		for _, value := range s.mutations(c) {
			did, seen, err := p.change(ctx, s, "changing "+c.name, func() (int64, error) {
				tag, err := p.tx.Exec(ctx, fmt.Sprintf(`update %s as t set %s = (%s) where t.ctid = $1::tid and t.tableoid = $2 and (%[3]s) is distinct from t.%[2]s`,
					s.table(), sqltext.Quote(c.name), value), at.CTID, at.Table)
				return tag.RowsAffected(), err
			})
			if err != nil {
				return err
			}
			if seen {
				t.showed++
			}
			if did {
				t.tried++
				break
			}
		}
		if t.showed >= t.rows && t.rows > sampleWhole {
			return nil
		}
	}
	return nil
}

func (p *proof) reportTrial(s *source, t trial) {
	onlyKey := !slices.ContainsFunc(s.columns(s.watched()), func(c column) bool { return !slices.Contains(s.key, c.name) })
	switch {
	case p.failed[s.label()]: // it is said
	case t.showed == 0 && t.hurried:
		p.report.add("changes", Warning, "check again when the server has less to do", "there was no time left to try enough changes of %s: nothing is proved of it", s.label())
	case t.tried == 0 && onlyKey:
		p.report.add("changes", OK, "", "%s: its key alone is read, and others refer to that: no change could be tried", s.label())
	case t.tried == 0:
		p.report.add("changes", Warning, "change one by hand once it is attached, and see that the display follows",
			"no change of %d rows of %s could be tried: constraints or triggers of the host refuse each", t.rows, s.label())
	case t.showed == 0:
		p.report.add("changes", Warning, "put a row in that an open order needs, and check again",
			"none of %d changes of %d rows of %s showed in any view: nothing is proved of it", t.tried, t.rows, s.label())
	case t.hurried:
		p.report.add("changes", OK, "", "%s: %d changes of %d rows, for more there was no time; each of the %d that show in a view was announced to the kitchen that sees it", s.label(), t.tried, t.rows, t.showed)
	default:
		p.report.add("changes", OK, "", "%s: %d changes of %d rows; each of the %d that show in a view was announced to the kitchen that sees it", s.label(), t.tried, t.rows, t.showed)
	}
}
