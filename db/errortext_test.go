package db_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"kitchen/db"
	"kitchen/db/dbtest"
)

// A server that refuses a connection names user, database and address. What is logged of it names the code.
func TestTextOfRefusalsHoldsNoNames(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	for wrong, code := range map[string]string{"user=somebody": "28000", "dbname=somewhere": "3D000"} {
		_, err := db.Connect(t.Context(), url+"&"+wrong)
		_, driver := pgx.Connect(t.Context(), url+"&"+wrong)
		if err == nil || driver == nil {
			t.Fatal(wrong, "connected")
		}
		var server *pgconn.PgError
		if !errors.As(driver, &server) || server.Code != code {
			t.Fatal(wrong, driver)
		}
		for _, text := range []string{err.Error(), db.ErrorText(fmt.Errorf("read 2 queues: %w", driver)), db.ErrorText(fmt.Errorf("listen: %w", server))} {
			if !strings.Contains(text, code) || strings.Contains(text, "somebody") || strings.Contains(text, "somewhere") {
				t.Errorf("%s: %q", wrong, text)
			}
		}
	}
	refused := &pgconn.PgError{Severity: "FATAL", Code: "28000", Message: `no pg_hba.conf entry for host "10.0.0.7", user "somebody", database "somewhere", no encryption`}
	if text := db.ErrorText(refused); !strings.Contains(text, "pg_hba.conf") || !strings.Contains(text, "28000") || strings.Contains(text, "10.0.0.7") || strings.Contains(text, "some") {
		t.Errorf("the text holds an address or a name, or lacks the reason: %q", text)
	}
}
