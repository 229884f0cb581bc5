// Package testdir says where tests make directories that hold a PostgreSQL cluster, which is a thousand files. It imports nothing of
// this module, so that the tests of every package may use it.
package testdir
