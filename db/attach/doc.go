// Package attach puts the program on top of another program's tables. A mapping is an SQL file with the views of the schema
// kitchen; this package reads it, proves it against a database, and makes of it one goose migration: key domains, the
// kitchen's own tables, and triggers that announce what the views show.
//
// It works on one connection, in transactions of its own, and prints to whatever it is given. It knows nothing of commands,
// settings and displays.
package attach
