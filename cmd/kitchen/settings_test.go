package main

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"kitchen/cmd/kitchen/database"
	"kitchen/cmd/kitchen/node"
)

func TestSettingsComeFromFlagsThenEnvironmentThenDefaults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		command, args string
		env           []string
		want          func(*settings)
		positional    []string
	}{
		"defaults of serve": {"serve", "", nil, func(*settings) {}, nil},
		"environment": {"serve", "", []string{
			"DATABASE_URL=postgres://a/b", "KITCHEN_LISTEN_DATABASE_URL=postgres://c/b", "KITCHEN_LISTEN=:1",
			"KITCHEN_JWT_SECRET=" + testSecret, "KITCHEN_ALLOWED_ORIGINS=https://a.example, https://*.b.example",
			"KITCHEN_DATA_DIR=/d", "KITCHEN_LOG_FORMAT=json",
		}, func(s *settings) {
			s.db.URL, s.db.ListenURL, s.listen, s.listenGiven = "postgres://a/b", "postgres://c/b", ":1", true
			s.keyring.Secret, s.allowedOrigins = testSecret, []string{"https://a.example", "https://*.b.example"}
			s.db.DataDir, s.logFormat = "/d", "json"
		}, nil},
		"limits and keys": {"serve", "--max-displays 20 --join-rate-per-restaurant 2.5 --read-timeout 14s", []string{
			"KITCHEN_MAX_DISPLAYS_PER_USER=3", "KITCHEN_WRITE_TIMEOUT=1500ms", "KITCHEN_MAX_HEADER_BYTES=9000", "KITCHEN_HEADER_TIMEOUT=1s",
			"KITCHEN_JWT_OLD_SECRETS=" + testSecret + "," + testSecret + "2", "KITCHEN_JWT_ISSUER=till", "KITCHEN_JWT_AUDIENCE=kitchen",
			"KITCHEN_MAX_TOKEN_BYTES=5000", "KITCHEN_MAX_TOKEN_LIFE=48h", "KITCHEN_JWT_SECRET=" + testSecret,
		}, func(s *settings) {
			s.limits.Displays.Displays, s.limits.Displays.JoinsPerRestaurant, s.limits.Displays.DisplaysPerUser = 20, 2.5, 3
			s.limits.Times.Ping, s.limits.Times.Pong, s.limits.Times.Write = 10*time.Second, 4*time.Second, 1500*time.Millisecond
			s.limits.HeaderBytes, s.limits.HeaderTime = 9000, time.Second
			s.keyring = node.Keyring{Secret: testSecret, OldSecrets: [][]byte{[]byte(testSecret), []byte(testSecret + "2")}, Issuer: "till", Audience: "kitchen",
				MaxToken: 5000, MaxLife: 48 * time.Hour}
		}, nil},
		"a flag wins": {"serve", "--listen=:2 -log-format text", []string{"KITCHEN_LISTEN=:1", "KITCHEN_LOG_FORMAT=json"},
			func(s *settings) { s.listen, s.listenGiven = ":2", true }, nil},
		"empty means unset":       {"serve", "", []string{"KITCHEN_LISTEN=", "DATABASE_URL="}, func(*settings) {}, nil},
		"variables of Kubernetes": {"serve", "", []string{"KITCHEN_PORT=tcp://10.0.0.1:80", "KITCHEN_SERVICE_HOST=10.0.0.1"}, func(*settings) {}, nil},
		"flags after arguments": {"token", "anna --for 30m", nil,
			func(s *settings) {
				s.listen, s.metricsListen, s.logFormat, s.url, s.duration = "", "", "", "ws://127.0.0.1:8080", 30*time.Minute
			}, []string{"anna"}},
		"default of token": {"token", "anna", nil,
			func(s *settings) {
				s.listen, s.metricsListen, s.logFormat, s.url, s.duration = "", "", "", "ws://127.0.0.1:8080", 12*time.Hour
			}, []string{"anna"}},
		"after two dashes": {"token", "-- --for", nil,
			func(s *settings) {
				s.listen, s.metricsListen, s.logFormat, s.url, s.duration = "", "", "", "ws://127.0.0.1:8080", 12*time.Hour
			}, []string{"--for"}},
		"switch": {"migrate", "--all down", nil, func(s *settings) { s.listen, s.metricsListen, s.logFormat, s.all = "", "", "", true }, []string{"down"}},
		"http for ws": {"watch", "0b6a9c1e-2f0d-4c57-9a55-0d1f6a3a8f10 --url https://k.example/x?y", []string{"KITCHEN_TOKEN=t"},
			func(s *settings) {
				s.listen, s.metricsListen, s.logFormat, s.url, s.token = "", "", "", "wss://k.example", "t"
			},
			[]string{"0b6a9c1e-2f0d-4c57-9a55-0d1f6a3a8f10"}},
	} {
		t.Run(name, func(t *testing.T) {
			cmd, err := findCommand(c.command)
			if err != nil {
				t.Fatal(err)
			}
			env := append([]string{"HOME=/home/k", "XDG_DATA_HOME=/data"}, c.env...)
			got, positional, err := readSettings(cmd, strings.Fields(c.args), env)
			if err != nil {
				t.Fatal(err)
			}
			want := settings{listen: "127.0.0.1:8080", metricsListen: defaultMetricsListen, logFormat: "text", db: database.Config{DataDir: got.db.DataDir}}
			if got.db.DataDir == "" {
				t.Error("no data directory")
			}
			c.want(&want)
			if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(positional, c.positional) {
				t.Errorf("got  %+v %q\nwant %+v %q", got, positional, want, c.positional)
			}
		})
	}
}

func TestNearestName(t *testing.T) {
	t.Parallel()
	names := []string{"serve", "simulate", "demo", "listen", "for"}
	for word, want := range map[string]string{
		"srve": "serve", "sevre": "serve", "simualte": "simulate", "demmo": "demo", "lisen": "listen", "fro": "for",
		"x": "", "migrate": "", "down": "", "s": "",
	} {
		if got := nearest(word, names); got != want {
			t.Errorf("nearest(%q) = %q, want %q", word, got, want)
		}
	}
}
