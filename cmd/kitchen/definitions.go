package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"kitchen/cmd/kitchen/node"
	"kitchen/db/order"
)

// shared returns settings that several commands have, by the names of their flags.
func shared(flags ...string) (picked []definition) {
	all := map[string]definition{}
	for _, d := range slices.Concat(sharedDefinitions(), keyDefinitions(), limitDefinitions()) {
		all[d.flag] = d
	}
	for _, flag := range flags {
		d, known := all[flag]
		if !known {
			panic("no setting is called --" + flag)
		}
		picked = append(picked, d)
	}
	return picked
}

func sharedDefinitions() []definition {
	return []definition{
		{flag: "database-url", env: "DATABASE_URL", unit: "URL", secret: true,
			byDefault: "none, which means a private Postgres in the data directory",
			about:     "The Postgres to use: postgres://user:password@host:5432/database",
			set:       func(s *settings, v string) error { s.db.URL = v; return nil }},
		{flag: "listen-database-url", env: "KITCHEN_LISTEN_DATABASE_URL", unit: "URL", secret: true,
			byDefault: "the database URL",
			about:     "The same Postgres by its own address, for LISTEN, where the database URL leads through a pooler.",
			set:       func(s *settings, v string) error { s.db.ListenURL = v; return nil }},
		{flag: "listen", env: "KITCHEN_LISTEN", unit: "HOST:PORT", value: "127.0.0.1:8080",
			about: "Where to listen for HTTP and WebSocket; port 0 takes any that is free.",
			set:   setListen},
		plain("tls-cert", "FILE", "none, and plain HTTP", func(s *settings) *string { return &s.tlsCert },
			"A PEM file with the certificate, and those up to the root's, to serve HTTPS with. It is read again when it changes."),
		plain("tls-key", "FILE", "none", func(s *settings) *string { return &s.tlsKey },
			"A PEM file with the key of that certificate."),
		within("hsts", "off", time.Second, 10*365*24*time.Hour, func(s *settings) *time.Duration { return &s.hsts },
			"How long browsers shall ask this host over TLS only (Strict-Transport-Security), such as 8760h. With --tls-cert."),
		{flag: "metrics-listen", env: "KITCHEN_METRICS_LISTEN", unit: "HOST:PORT|off", value: defaultMetricsListen,
			about: "Where to answer operators: /metrics, profiles, kitchen trace. Not for displays, nor for the web.",
			set:   setMetricsListen},
		{flag: "allowed-origins", env: "KITCHEN_ALLOWED_ORIGINS", unit: "ORIGIN,…",
			byDefault: "the host that the page itself came from",
			about:     "Web pages that may open a socket, like https://till.example.com or https://*.example.com, comma separated.",
			set:       setOrigins},
		plain("data-dir", "DIRECTORY", "kitchen in the user's data directory; /var/lib/kitchen for root", func(s *settings) *string { return &s.db.DataDir },
			"Where the private Postgres keeps its data, and the signing secret."),
		{flag: "log-format", env: "KITCHEN_LOG_FORMAT", unit: "text|json", value: "text",
			about: "How logs are written on standard error.",
			set:   setLogFormat},
		{flag: "rate", unit: "ORDERS", value: "60", about: "How many new orders a minute.", set: setRate},
		{flag: "for", unit: "DURATION", byDefault: "until Ctrl-C", about: "How long to run, like 20s or 5m; ends with a summary.", set: setDuration},
		toggle("json", "Print the result as JSON, for programs.", func(s *settings) *bool { return &s.json }),
		{flag: "url", env: "KITCHEN_URL", unit: "URL", value: "ws://127.0.0.1:8080", derive: listensAt,
			byDefault: "where KITCHEN_LISTEN has a node listen on this machine, or else ws://127.0.0.1:8080",
			about:     "The node to connect to: ws:// or wss://, host and port.",
			set:       setURL},
	}
}

// tenantDefinition accepts any id. Only the database knows whether such a restaurant exists.
func tenantDefinition(about string) definition {
	d := restaurantDefinition("the only restaurant that there is", about)
	d.set = func(s *settings, v string) error {
		s.restaurant = order.RestaurantID(order.UUID.Spelling(v))
		return nil
	}
	return d
}

func restaurantDefinition(byDefault, about string) definition {
	return definition{flag: "restaurant", unit: "ID", byDefault: byDefault, about: about, set: func(s *settings, v string) error {
		id, err := order.UUID.Parse(v) // of our own tables, where these commands write
		s.restaurant = order.RestaurantID(id)
		return err
	}}
}

// defaultMetricsListen is a port that few programs use, below the range from which systems assign ports.
const defaultMetricsListen = "127.0.0.1:18080"

func checkAddress(v string) error {
	_, port, err := net.SplitHostPort(v)
	if n, e := strconv.ParseUint(port, 10, 16); err != nil || e != nil || n > 65535 {
		return fmt.Errorf("%q is not an address like 127.0.0.1:8080 or :8080", v)
	}
	return nil
}

func setMetricsListen(s *settings, v string) error {
	if v != "off" {
		if err := checkAddress(v); err != nil {
			return fmt.Errorf("%w, and not off", err)
		}
	}
	s.metricsListen = v
	return nil
}

func setListen(s *settings, v string) error {
	if err := checkAddress(v); err != nil {
		return err
	}
	s.listen = v
	return nil
}

func setOrigins(s *settings, v string) error {
	s.allowedOrigins = nil
	for o := range strings.SplitSeq(v, ",") {
		if o = strings.TrimSpace(o); o != "" {
			s.allowedOrigins = append(s.allowedOrigins, o)
		}
	}
	return node.CheckOrigins(s.allowedOrigins)
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

// listensAt is the address at which a command on this machine reaches a node with the same environment.
func listensAt(env map[string]string) (source, address string) {
	scheme := "ws"
	if env["KITCHEN_TLS_CERT"] != "" {
		scheme = "wss"
	}
	return reachable(env, "KITCHEN_LISTEN", scheme)
}

// metricsAt is the same for the address of the node's metrics.
func metricsAt(env map[string]string) (source, address string) {
	if env["KITCHEN_METRICS_LISTEN"] == "off" {
		return "", ""
	}
	return reachable(env, "KITCHEN_METRICS_LISTEN", "http")
}

// reachable is the address at which this machine reaches what listens at the address in a variable; empty where that does not say it.
func reachable(env map[string]string, name, scheme string) (source, address string) {
	if env[name] == "" {
		return "", ""
	}
	if err := checkAddress(env[name]); err != nil {
		return name, env[name] // the address is refused later
	}
	host, port, _ := net.SplitHostPort(env[name]) // checked above
	if strings.Trim(port, "0") == "" {
		return "", "" // any port that was free
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return name, scheme + "://" + net.JoinHostPort(host, port)
}
