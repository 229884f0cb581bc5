package database

import (
	"context"
	"errors"
	"fmt"

	"kitchen/db"
)

// OtherBuildError says that all migrations are applied, and what this program reads is not there: what was applied under these
// numbers were the migrations of another build.
type OtherBuildError struct {
	Missing string // views and columns, comma separated
	DataDir string // of the private database; empty for another
}

func (e *OtherBuildError) Error() string { return e.Means() + ": " + e.Mend() }

// Means is what is wrong.
func (e *OtherBuildError) Means() string {
	which := "this database"
	if e.DataDir != "" {
		which = "the private database in " + e.DataDir
	}
	return fmt.Sprintf("%s was made by another build of this program, or is damaged: %s says that all migrations are applied, but what they make is not there "+
		"(missing in the schema kitchen: %s)", which, db.VersionTable, e.Missing)
}

// Mend is what to do about it.
func (e *OtherBuildError) Mend() string {
	if e.DataDir != "" {
		return elsewhere(e.DataDir)
	}
	return "run the build that migrated it, restore it from a backup, or give kitchen an empty database, and kitchen migrate up"
}

// elsewhere is the way out of a private database that this build cannot use.
func elsewhere(dataDir string) string {
	return fmt.Sprintf("move or remove %s (its orders are lost), or have another made with --data-dir or KITCHEN_DATA_DIR", dataDir)
}

// explain makes an error of [db.DB.CheckSchema] an [*OtherBuildError] where migrating would not mend it.
func (d *Database) explain(ctx context.Context, err error) error {
	var schema *db.SchemaError
	if !errors.As(err, &schema) || schema.Attached {
		return err
	}
	if made, failed := versionsKept(ctx, d.DirectURL); failed != nil || !made {
		return err
	}
	if left, failed := pending(ctx, d.DirectURL); failed != nil || left {
		return err
	}
	return &OtherBuildError{Missing: schema.Missing, DataDir: d.DataDir}
}

// OtherBuild reports whether all migrations are applied and the schema is not this program's, as err of [db.DB.CheckSchema] has it.
func (d *Database) OtherBuild(ctx context.Context, err error) (other *OtherBuildError, is bool) {
	is = errors.As(d.explain(ctx, err), &other)
	return other, is
}
