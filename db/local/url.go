package local

import (
	"net/url"
	"strconv"
	"strings"
)

// The role that owns the cluster, whatever the operating system's user is called that runs it.
const role = "postgres"

// The database that Start creates.
const database = "kitchen"

// The port names the socket file, even where nothing listens on TCP.
const defaultPort = 5432

// URL is the address of the database "kitchen", for pgx and psql alike.
func (s *Server) URL() string { return s.DatabaseURL(database) }

// DatabaseURL is the address of a database of this server, which need not exist.
func (s *Server) DatabaseURL(name string) string { return socketURL(name, s.socketDir, s.port()) }

func (s *Server) port() int {
	if s.cfg.TCPPort != 0 {
		return s.cfg.TCPPort
	}
	return defaultPort
}

// The port is always named, because PGPORT in the environment would change its default. No plus signs for spaces: libpq
// does not read them (PostgreSQL manual, "Connection URIs").
func socketURL(name, socketDir string, port int) string {
	escape := strings.NewReplacer("+", "%20", "%2F", "/").Replace
	return "postgres:///" + url.PathEscape(name) + "?host=" + escape(url.QueryEscape(socketDir)) +
		"&port=" + strconv.Itoa(port) + "&user=" + role
}
