package db

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// connectError says in one line, for an operator, why there is no connection.
type connectError struct {
	text  string
	cause error
}

func (e *connectError) Error() string { return e.text }
func (e *connectError) Unwrap() error { return e.cause }

// explain says what to do about an error of connecting. It names no address, user or password.
func explain(err error) error {
	var parse *pgconn.ParseConfigError
	var pg *pgconn.PgError
	var timeout net.Error
	var network *net.OpError
	var host x509.HostnameError
	switch {
	case errors.As(err, &parse):
		return errors.New("the database URL cannot be read; it should look like postgres://user:password@host:5432/database")
	case errors.As(err, &pg):
		return &RefusedError{Code: pg.Code, message: refusal(pg)}
	case errors.As(err, &timeout) && timeout.Timeout():
		return &connectError{"the database does not answer in time: check host and port of the database URL, and the network between", err}
	case errors.As(err, &network):
		return &connectError{"the database cannot be reached: " + withoutAddress(network) +
			": is it running, and are host and port of the database URL right?", err}
	case errors.As(err, &host):
		return &connectError{"connect to the database: its certificate is for another host", err}
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return &connectError{"the database cannot be reached: look the host up: " + dns.Err + ": is the host of the database URL right?", err}
	}
	innermost := err
	walk(err, func(err error) { innermost = err })
	return &connectError{"connect to the database: " + strings.Join(strings.Fields(innermost.Error()), " "), err}
}

// named matches the names in the server's messages that a log may not hold.
var named = regexp.MustCompile(`\b(database|role|user|host) "[^"]*"`)

// refusal is a server's reason to refuse a connection, without the user, the database and the client's address. Where the server's
// sentence is built around these, it is a sentence of ours.
func refusal(e *pgconn.PgError) string {
	switch {
	case e.Code == "28P01": // invalid_password
		return "password authentication failed"
	case strings.HasPrefix(e.Code, "28"): // invalid authorization
		return "there is no such role, it may not log in, or pg_hba.conf does not let it connect from here"
	case e.Code == "3D000": // invalid_catalog_name
		return "there is no such database"
	case e.Code == "0A000" && strings.HasPrefix(e.Message, "conversion between"): // feature_not_supported
		return "the database's encoding is none that text can be read of (" + e.Message + "): move to a database with encoding 'UTF8'"
	}
	return named.ReplaceAllString(e.Message, "this $1")
}

// ErrorText is the text of an error without the addresses, the user and the database's name that errors of connections hold: more
// people read a log than may know these.
func ErrorText(err error) string {
	text := err.Error()
	walk(err, func(err error) {
		switch e := err.(type) {
		case *pgconn.ConnectError:
			text = strings.ReplaceAll(text, e.Error(), explain(e).Error())
		case *pgconn.PgError:
			if strings.HasPrefix(e.Code, "28") || e.Code == "3D000" {
				text = strings.ReplaceAll(text, e.Error(), refusal(e)+" (SQLSTATE "+e.Code+")")
			}
		case *net.OpError:
			text = strings.ReplaceAll(text, e.Error(), withoutAddress(e))
		case *net.DNSError:
			text = strings.ReplaceAll(text, e.Error(), "look the host up: "+e.Err)
		}
	})
	return text
}

// withoutAddress is why dialling, reading or writing failed, without the address.
func withoutAddress(e *net.OpError) string {
	var dns *net.DNSError
	if errors.As(e.Err, &dns) {
		return e.Op + ": look the host up: " + dns.Err
	}
	return e.Op + ": " + e.Err.Error()
}

// walk visits an error and all that it wraps, the outer ones first.
func walk(err error, visit func(error)) {
	if err == nil {
		return
	}
	visit(err)
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		walk(e.Unwrap(), visit)
	case interface{ Unwrap() []error }:
		for _, one := range e.Unwrap() {
			walk(one, visit)
		}
	}
}

// RefusedError says that a server answered and refused the connection. Code is an SQLSTATE
// (https://www.postgresql.org/docs/current/errcodes-appendix.html).
type RefusedError struct {
	Code    string
	message string
}

func (e *RefusedError) Error() string {
	hint := ""
	if e.Code == "3D000" { // invalid_catalog_name
		hint = ": make it with createdb or `create database`, or correct the name at the end of the database URL"
	}
	return fmt.Sprintf("the database refuses the connection: %s (SQLSTATE %s)%s", e.message, e.Code, hint)
}

// Denied reports whether err says that the role lacks a right.
func Denied(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "42501" // insufficient_privilege
}
