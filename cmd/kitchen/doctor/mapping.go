package doctor

import (
	"context"

	"kitchen/db"
	"kitchen/db/attach"
)

// checkMapping compares the triggers on another program's tables with the mapping that was installed. Such a database gets no checks
// of migrations and of the index, and no order on trial: those are of the project's own tables.
func (x *examination) checkMapping(ctx context.Context, url string) {
	var err error
	if x.attached, err = x.pool.Attached(ctx); err != nil {
		x.failed("mapping", err)
	}
	if !x.attached {
		return
	}
	conn, err := db.Connect(ctx, url, db.WithoutNames)
	if err != nil {
		x.failed("mapping", err)
		return
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // nothing was written
	report, err := attach.Installed(ctx, conn)
	if db.Denied(err) {
		x.add("mapping", wrong, "this role may not look at what is installed", "give it the rights that are named below, then look again")
		return
	}
	if err != nil {
		x.failed("mapping", err)
		return
	}
	marks := map[attach.Level]mark{attach.OK: Fine, attach.Warning: warning, attach.Wrong: wrong}
	for _, f := range report {
		x.add(f.Check, marks[f.Level], f.Means, f.Mend)
	}
	x.add("migrations", Fine, "none: the tables are another program's, and the index of its open orders is looked at by kitchen attach check FILE", "")
}
