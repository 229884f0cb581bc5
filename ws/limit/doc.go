// Package limit bounds how often peers may do what costs others something: send messages, join, and cause lines in the log.
package limit
