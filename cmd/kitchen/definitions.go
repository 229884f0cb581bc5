package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"kitchen/db/order"
	"kitchen/ws/credential"
)

// definition is how a setting is called, what it means and how it is read.
type definition struct {
	flag      string
	env       string
	unit      string // stands for the value on the usage line; empty for a switch
	byDefault string // in words, where the value itself does not say it
	value     string // the default that is set
	about     string // empty: not offered, only answered
	secret    bool   // its value is never printed
	set       func(s *settings, value string) error
}

func definitions(command string) []definition {
	definitions := []definition{
		{flag: "database-url", env: "DATABASE_URL", unit: "URL", secret: true,
			byDefault: "none, which means a private Postgres in the data directory",
			about:     "The Postgres to use: postgres://user:password@host:5432/database",
			set:       func(s *settings, v string) error { s.db.URL = v; return nil }},
		{flag: "listen-database-url", env: "KITCHEN_LISTEN_DATABASE_URL", unit: "URL", secret: true,
			byDefault: "the database URL",
			about:     "The same Postgres by its own address, for LISTEN, where the database URL leads through a pooler.",
			set:       func(s *settings, v string) error { s.db.ListenURL = v; return nil }},
		{flag: "listen", env: "KITCHEN_LISTEN", unit: "HOST:PORT", byDefault: "127.0.0.1:8080", value: "127.0.0.1:8080",
			about: "Where to listen for HTTP and WebSocket; port 0 takes any that is free.",
			set:   setListen},
		{flag: "tls-cert", env: "KITCHEN_TLS_CERT", unit: "FILE", byDefault: "none, and plain HTTP",
			about: "A PEM file with the certificate, and those up to the root's, to serve HTTPS with. It is read again when it changes.",
			set:   func(s *settings, v string) error { s.tlsCert = v; return nil }},
		{flag: "tls-key", env: "KITCHEN_TLS_KEY", unit: "FILE", byDefault: "none",
			about: "A PEM file with the key of that certificate.",
			set:   func(s *settings, v string) error { s.tlsKey = v; return nil }},
		within("hsts", "off", time.Second, 10*365*24*time.Hour, func(s *settings) *time.Duration { return &s.hsts },
			"How long browsers shall ask this host over TLS only (Strict-Transport-Security), such as 8760h. With --tls-cert."),
		{flag: "metrics-listen", env: "KITCHEN_METRICS_LISTEN", unit: "HOST:PORT|off", byDefault: defaultMetricsListen, value: defaultMetricsListen,
			about: "Where to answer whoever runs the node: /metrics, profiles, kitchen trace. Not for displays, nor for the web.",
			set:   setMetricsListen},
		{flag: "jwt-secret", env: "KITCHEN_JWT_SECRET", unit: "SECRET", secret: true,
			byDefault: "with a private Postgres, one that is made once and kept in the data directory",
			about:     "The secret that tokens are signed with (HS256), at least 32 bytes.",
			set:       secretSetter(command)},
		{flag: "jwt-public-key", env: "KITCHEN_JWT_PUBLIC_KEY", unit: "FILE",
			byDefault: "none",
			about:     "A PEM file with the public key that tokens are verified with (RS256, ES256 or EdDSA), instead of a secret.",
			set:       setPublicKey},
		{flag: "allowed-origins", env: "KITCHEN_ALLOWED_ORIGINS", unit: "ORIGIN,…",
			byDefault: "the host that the page itself came from",
			about:     "Web pages that may open a socket, like https://till.example.com or https://*.example.com, comma separated.",
			set:       setOrigins},
		{flag: "data-dir", env: "KITCHEN_DATA_DIR", unit: "DIRECTORY",
			byDefault: "kitchen in the user's data directory; /var/lib/kitchen for root",
			about:     "Where the private Postgres keeps its data, and the signing secret.",
			set:       func(s *settings, v string) error { s.db.DataDir = v; return nil }},
		{flag: "log-format", env: "KITCHEN_LOG_FORMAT", unit: "text|json", byDefault: "text", value: "text",
			about: "How logs are written on standard error.",
			set:   setLogFormat},
		{flag: "restaurant", unit: "ID", byDefault: map[bool]string{true: "the only restaurant that there is", false: "the demo restaurant, which is made where it is missing"}[command == "user"],
			about: map[bool]string{true: "The restaurant of the user, by its id.", false: "The restaurant that gets the orders, by its id."}[command == "user"],
			set: func(s *settings, v string) error {
				id, err := order.UUID.Parse(v) // of our own tables, where these commands write
				s.restaurant = order.RestaurantID(id)
				return err
			}},
		{flag: "timezone", unit: "NAME", byDefault: "UTC", value: "UTC",
			about: "The restaurant's time zone, like Europe/Rome.",
			set:   func(s *settings, v string) error { s.timezone = v; return nil }},
		{flag: "role", unit: "ROLE", byDefault: "kitchen", value: "kitchen",
			about: "What the user may do: kitchen and manager move orders on, viewer only looks.",
			set:   func(s *settings, v string) error { s.role = v; return nil }},
		rateDefinition(command),
		forDefinition(command),
		{flag: "all", about: "With down: undo every migration. All orders are gone then.",
			set: func(s *settings, v string) (err error) { s.all, err = strconv.ParseBool(v); return err }},
		{flag: "list", about: "With template: list the systems that have one.",
			set: func(s *settings, v string) (err error) { s.list, err = strconv.ParseBool(v); return err }},
		{flag: "host", unit: "NAME", byDefault: "none: this program's own tables",
			about: "Play on the tables of another program, attached by their template: django.",
			set:   func(s *settings, v string) error { s.host = v; return nil }},
		{flag: "as", unit: "USER", byDefault: "none", about: "With check: print the queue that this user's display would get, by id or name.",
			set: func(s *settings, v string) error { s.as = v; return nil }},
		{flag: "json", about: "Print the result as JSON, for programs.",
			set: func(s *settings, v string) (err error) { s.json, err = strconv.ParseBool(v); return err }},
		{flag: "metrics-url", env: "KITCHEN_METRICS_URL", unit: "URL", byDefault: "http://" + defaultMetricsListen, value: "http://" + defaultMetricsListen,
			about: "The node to ask, by the address of its metrics: its --metrics-listen.",
			set:   setMetricsURL},
		{flag: "url", env: "KITCHEN_URL", unit: "URL", byDefault: "ws://127.0.0.1:8080", value: "ws://127.0.0.1:8080",
			about: "The node to connect to: ws:// or wss://, host and port.",
			set:   setURL},
		{flag: "token", env: "KITCHEN_TOKEN", unit: "TOKEN", secret: true, byDefault: "none",
			about: "The token to connect with, from kitchen token.",
			set:   func(s *settings, v string) error { s.token = strings.TrimSpace(v); return nil }},
	}
	return slices.Concat(definitions, keyDefinitions(), limitDefinitions(), benchDefinitions())
}

func rateDefinition(command string) definition {
	if command == "bench" {
		return definition{flag: "rate", unit: "ORDERS", byDefault: "the scenario's own; import writes as fast as it can",
			about: "How many new orders a second, of all writers together.", set: setRate}
	}
	return definition{flag: "rate", unit: "ORDERS", byDefault: "60", value: "60",
		about: "How many new orders a minute.", set: setRate}
}

func forDefinition(command string) definition {
	d := definition{flag: "for", unit: "DURATION", set: setDuration,
		byDefault: "until Ctrl-C", about: "How long to run, like 20s or 5m; ends with a summary."}
	if command == "token" {
		d.byDefault, d.value, d.about = "12h", "12h", "How long the token is good for, like 30m or 12h."
	}
	return d
}

// defaultMetricsListen is seldom taken, and below the ports that systems give away by themselves.
const defaultMetricsListen = "127.0.0.1:18080"

func checkAddress(v string) error {
	_, port, err := net.SplitHostPort(v)
	if n, e := strconv.ParseUint(port, 10, 16); err != nil || e != nil || n > 65535 {
		return fmt.Errorf("%q is not an address like 127.0.0.1:8080 or :8080", v)
	}
	return nil
}

func setMetricsURL(s *settings, v string) error {
	u, err := url.Parse(v)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return errors.New("not an address like http://" + defaultMetricsListen)
	}
	s.metricsURL = (&url.URL{Scheme: u.Scheme, Host: u.Host}).String()
	return nil
}

func setMetricsListen(s *settings, v string) error {
	if v != "off" {
		if err := checkAddress(v); err != nil {
			return fmt.Errorf("%w, and not off", err)
		}
	}
	s.metricsListenGiven = s.metricsListen != "" // the default came first
	s.metricsListen = v
	return nil
}

func setListen(s *settings, v string) error {
	if err := checkAddress(v); err != nil {
		return err
	}
	s.listenGiven = s.listen != "" // the default came first
	s.listen = v
	return nil
}

// secretSetter lets the doctor have any secret, since it says what is wrong with one.
func secretSetter(command string) func(*settings, string) error {
	if command == "doctor" {
		return func(s *settings, v string) error { s.keyring.Secret = v; return nil }
	}
	return setSecret
}

// setSecret refuses what a node could not verify with.
func setSecret(s *settings, v string) error {
	s.keyring.Secret = v
	_, err := credential.NewKeys(credential.KeysConfig{Secret: []byte(v)})
	return err
}

func setPublicKey(s *settings, path string) (err error) {
	if s.keyring.PublicKey, err = os.ReadFile(path); err != nil {
		return fmt.Errorf("a PEM file is wanted: %w", err)
	}
	if _, err := credential.NewKeys(credential.KeysConfig{PublicKeyPEM: s.keyring.PublicKey}); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func setOrigins(s *settings, v string) error {
	s.allowedOrigins = nil
	for o := range strings.SplitSeq(v, ",") {
		if o = strings.TrimSpace(o); o != "" {
			s.allowedOrigins = append(s.allowedOrigins, o)
		}
	}
	return nil
}

func setLogFormat(s *settings, v string) error {
	if v != "text" && v != "json" {
		return fmt.Errorf("%q is neither text nor json", v)
	}
	s.logFormat = v
	return nil
}

func setRate(s *settings, v string) (err error) {
	s.rate, err = strconv.ParseFloat(v, 64)
	if err != nil || !(s.rate > 0 && s.rate <= 100_000) { // not NaN either
		return fmt.Errorf("%q is not a number of orders, more than 0 and at most 100000", v)
	}
	return nil
}

func setDuration(s *settings, v string) (err error) {
	s.duration, err = time.ParseDuration(v)
	if err != nil || s.duration <= 0 {
		return fmt.Errorf("%q is not a duration like 20s, 5m or 12h", v)
	}
	return nil
}

// setURL takes http and https for ws and wss, and leaves out any path: that is the restaurant's.
func setURL(s *settings, v string) error {
	u, err := url.Parse(v)
	if err != nil || u.Host == "" || !slices.Contains([]string{"ws", "wss", "http", "https"}, u.Scheme) {
		return errors.New("not an address like ws://127.0.0.1:8080 or wss://kitchen.example.com")
	}
	u.Scheme = strings.Replace(u.Scheme, "http", "ws", 1)
	s.url = (&url.URL{Scheme: u.Scheme, Host: u.Host}).String()
	return nil
}
