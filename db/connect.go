package db

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// ConnConfig reads the address of a database, as [Open] does, for a connection outside the pool. It leaves out the settings of a pool
// (pool_max_conns), which the address may hold. Every connection of this program is configured here, because each needs these defaults.
func ConnConfig(url string) (*pgx.ConnConfig, error) {
	pool, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, explain(err)
	}
	setDefaults(pool.ConnConfig, "")
	return pool.ConnConfig, nil
}

// Connect opens one connection outside the pool, for work that needs one session. change may change its configuration. Its error says
// what to do, as that of [Open] does.
func Connect(ctx context.Context, url string, change ...func(*pgx.ConnConfig)) (*pgx.Conn, error) {
	cfg, err := ConnConfig(url)
	if err != nil {
		return nil, err
	}
	for _, c := range change {
		c(cfg)
	}
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, explain(err)
	}
	// Of a database without an encoding the bytes are read as they are, as the pool reads them (see setForReads).
	if conn.PgConn().ParameterStatus("server_encoding") == "SQL_ASCII" {
		if _, err := conn.Exec(ctx, `set client_encoding = 'SQL_ASCII'`); err != nil {
			_ = conn.Close(context.WithoutCancel(ctx))
			return nil, fmt.Errorf("set up a connection: %w", err)
		}
	}
	return conn, nil
}

// WithoutNames has a connection prepare no statements with names, for [Connect]: a pooler hands out the session again, and the
// statements of the client before this one are still there.
func WithoutNames(c *pgx.ConnConfig) { c.DefaultQueryExecMode = pgx.QueryExecModeDescribeExec }

// setDefaults gives a connection a name in pg_stat_activity, unless name is empty or the address has one, and a time limit for
// connecting. It sets the formats that the driver reads, because the defaults of a database or a role may be others. Poolers know these
// parameters, too, and keep them for each client
// (https://www.pgbouncer.org/config.html#ignore_startup_parameters).
func setDefaults(cfg *pgx.ConnConfig, name string) {
	cfg.RuntimeParams["client_encoding"] = "UTF8"
	cfg.RuntimeParams["standard_conforming_strings"] = "on"
	cfg.RuntimeParams["DateStyle"] = "ISO"
	cfg.RuntimeParams["TimeZone"] = "UTC"
	if name != "" && cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = name
	}
	if cfg.ConnectTimeout == 0 || cfg.ConnectTimeout > 5*time.Second {
		cfg.ConnectTimeout = 5 * time.Second
	}
}
