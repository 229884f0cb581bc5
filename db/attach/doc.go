// Package attach makes orders in another program's tables visible to kitchens. A mapping is an SQL file with the views of the schema
// kitchen. This package reads the file, checks it against a database, and turns it into one goose migration: key domains, the kitchen's
// own tables, and triggers that announce changes of what the views show.
//
// It works on one connection, in transactions of its own, and prints to a writer that it is given. It knows nothing of commands, settings
// and displays.
package attach
