package main

import (
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kitchen/cmd/kitchen/database"
	"kitchen/cmd/kitchen/node"
)

// readSettings is the program with these arguments up to where the command would do something.
func readSettings(environ []string, args ...string) (command string, _ settings, positional []string, _ error) {
	p := &program{environ: environ, stdout: io.Discard, stderr: io.Discard}
	root := newRoot(p)
	everyCommand(root, func(c *cobra.Command) {
		if c.PreRunE != nil {
			c.RunE = func(_ *cobra.Command, args []string) error {
				positional = args
				return nil
			}
		}
	})
	root.SetArgs(twoDashes(root, args))
	c, err := root.ExecuteC()
	return commandName(c), p.settings, positional, err
}

// everyCommand calls do with all commands that the help offers.
func everyCommand(c *cobra.Command, do func(*cobra.Command)) {
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			do(sub)
			everyCommand(sub, do)
		}
	}
}

// offered are the settings of a command that its help offers.
func offered(c *cobra.Command) (all []definition) {
	c.InitDefaultHelpFlag() // it merges what comes from the parent, too
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if s, ok := f.Value.(*settingFlag); ok && !f.Hidden {
			all = append(all, s.definition)
		}
	})
	return all
}

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
			s.db.URL, s.db.ListenURL, s.listen = "postgres://a/b", "postgres://c/b", ":1"
			s.keyring.Secret, s.allowedOrigins = testSecret, []string{"https://a.example", "https://*.b.example"}
			s.db.DataDir, s.logFormat = "/d", "json"
			s.given = []string{"database-url", "data-dir", "listen-database-url", "listen", "allowed-origins", "log-format", "jwt-secret"}
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
			s.given = []string{"jwt-secret", "jwt-old-secrets", "jwt-issuer", "jwt-audience", "max-token-bytes", "max-token-life",
				"max-displays", "max-displays-per-user", "join-rate-per-restaurant", "max-header-bytes", "header-timeout", "write-timeout", "read-timeout"}
		}, nil},
		"a flag wins": {"serve", "--listen=:2 -log-format text", []string{"KITCHEN_LISTEN=:1", "KITCHEN_LOG_FORMAT=json"},
			func(s *settings) { s.listen, s.given = ":2", []string{"listen", "log-format"} }, nil},
		"empty means unset":       {"serve", "", []string{"KITCHEN_LISTEN=", "DATABASE_URL="}, func(*settings) {}, nil},
		"variables of Kubernetes": {"serve", "", []string{"KITCHEN_PORT=tcp://10.0.0.1:80", "KITCHEN_SERVICE_HOST=10.0.0.1"}, func(*settings) {}, nil},
		"flags after arguments": {"token", "anna --for 30m", nil,
			func(s *settings) {
				s.listen, s.metricsListen, s.logFormat, s.url, s.duration = "", "", "", "ws://127.0.0.1:8080", 30*time.Minute
				s.given = []string{"for"}
			}, []string{"anna"}},
		"default of token": {"token", "anna", nil,
			func(s *settings) {
				s.listen, s.metricsListen, s.logFormat, s.url, s.duration = "", "", "", "ws://127.0.0.1:8080", 12*time.Hour
			}, []string{"anna"}},
		"after two dashes": {"token", "-- --for", nil,
			func(s *settings) {
				s.listen, s.metricsListen, s.logFormat, s.url, s.duration = "", "", "", "ws://127.0.0.1:8080", 12*time.Hour
			}, []string{"--for"}},
		"switch": {"migrate down", "--all", nil, func(s *settings) {
			s.listen, s.metricsListen, s.logFormat, s.all, s.given = "", "", "", true, []string{"all"}
		}, nil},
		"http for ws": {"watch", "0b6a9c1e-2f0d-4c57-9a55-0d1f6a3a8f10 --url https://k.example/x?y", []string{"KITCHEN_TOKEN=t"},
			func(s *settings) {
				s.listen, s.metricsListen, s.logFormat, s.url, s.token = "", "", "", "wss://k.example", "t"
				s.given = []string{"url", "token"}
			},
			[]string{"0b6a9c1e-2f0d-4c57-9a55-0d1f6a3a8f10"}},
	} {
		t.Run(name, func(t *testing.T) {
			env := append([]string{"HOME=/home/k", "XDG_DATA_HOME=/data"}, c.env...)
			command, got, positional, err := readSettings(env, strings.Fields(c.command+" "+c.args)...)
			if err != nil {
				t.Fatal(err)
			}
			if command != c.command {
				t.Errorf("it is read for %q", command)
			}
			want := settings{listen: "127.0.0.1:8080", metricsListen: defaultMetricsListen, logFormat: "text", db: database.Config{DataDir: got.db.DataDir}}
			if got.db.DataDir == "" {
				t.Error("no data directory")
			}
			c.want(&want)
			if !reflect.DeepEqual(got, want) || !slices.Equal(positional, c.positional) {
				t.Errorf("got  %+v %q\nwant %+v %q", got, positional, want, c.positional)
			}
		})
	}
}

func TestFlagsOfAGroupMayStandBeforeItsCommand(t *testing.T) {
	command, s, _, err := readSettings(nil, "migrate", "--database-url", "postgres://a/b", "--all", "down")
	if err != nil || command != "migrate down" || !s.all || s.db.URL != "postgres://a/b" {
		t.Errorf("%s, %+v: %v", command, s, err)
	}
}

// What is meant by a mistyped name is said; what is merely another name is not taken for a mistake.
func TestMistypedNamesAreRecognised(t *testing.T) {
	names := []string{"serve", "simulate", "demo", "listen", "for"}
	for word, want := range map[string]string{
		"srve": "serve", "sevre": "serve", "simualte": "simulate", "demmo": "demo", "lisen": "listen", "fro": "for",
		"x": "", "migrate": "", "down": "", "s": "",
	} {
		if want != "" {
			want = "; did you mean --" + want + "?"
		}
		if got := didYouMean("--", word, names); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}
