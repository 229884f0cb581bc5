package main

import (
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"kitchen/db/dbtest"
)

// Every mistake gets its line, which says what to do, and an exit code that is not 0.
func TestMistakesGetOneLineEach(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	unmigrated := dbtest.New(t)
	if _, errs, code := kitchen(t, []string{"DATABASE_URL=" + unmigrated}, "migrate", "down", "--all"); code != 0 {
		t.Fatal(errs)
	}
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	pem := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(pem, []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	nobody := "postgres://kitchen:hunter2@127.0.0.1:1/kitchen?connect_timeout=2"
	secret := "KITCHEN_JWT_SECRET=" + testSecret
	const id = "0b6a9c1e-2f0d-4c57-9a55-0d1f6a3a8f10"

	for name, c := range map[string]struct {
		env  []string
		args string
		code int
		want []string // one a line
	}{
		"unknown command":       {nil, "srve", 2, []string{`unknown command "srve"; did you mean serve?`}},
		"help of an unknown":    {nil, "help simulat", 2, []string{"did you mean simulate?"}},
		"unknown flag":          {nil, "demo --lisen :1", 2, []string{"unknown flag --lisen; did you mean --listen?"}},
		"another command's":     {nil, "watch --rate 3 " + id, 2, []string{"unknown flag --rate"}},
		"flag without a value":  {nil, "demo --for", 2, []string{"--for needs a value"}},
		"no flag at all":        {nil, "demo ---x", 2, []string{"unknown flag --x"}},
		"one argument too many": {nil, "demo now", 2, []string{`unexpected argument "now"`}},
		"unknown variable":      {[]string{"KITCHEN_LISTENN=:1"}, "demo", 2, []string{"KITCHEN_LISTENN; did you mean KITCHEN_LISTEN?"}},
		"several at once": {[]string{"KITCHEN_LOG_FORMAT=xml"}, "demo --for 3 --rate=-1 --lisen x", 2,
			[]string{`KITCHEN_LOG_FORMAT: "xml"`, `--for: "3" is not a duration`, `--rate: "-1" is not a number`, "--lisen"}},
		"unknown flags, and more": {nil, "demo -lisen=:1 --for 3 ---x --rat 1 --log-format xml", 2,
			[]string{"unknown flag --lisen; did you mean --listen?", "--for: ", "unknown flag --x (kitchen help demo lists all)", "did you mean --rate?", "--log-format: "}},
		"a flag of the group before its word": {nil, "migrate --all up", 2, []string{"kitchen migrate up: --all goes with down"}},
		"several, and no argument":            {nil, "watch --url ftp://x", 2, []string{"--url: ", "say which restaurant: kitchen watch RESTAURANT-ID", "no token"}},
		"an argument behind dashes too many":  {nil, "demo -- --for", 2, []string{`unexpected argument "--for"`}},
		"keys over plain HTTP":                {[]string{"KITCHEN_JWKS_URL=http://id.example.com/jwks"}, "serve", 2, []string{"KITCHEN_JWKS_URL: key set: use https"}},
		"two kinds of keys": {[]string{"KITCHEN_JWKS_URL=https://id.example.com/jwks", secret}, "serve", 2,
			[]string{"give one, KITCHEN_JWT_SECRET, KITCHEN_JWT_PUBLIC_KEY or KITCHEN_JWKS_URL"}},
		"two kinds, one of them wrong": {[]string{"KITCHEN_JWKS_URL=ftp://id.example.com", secret}, "serve", 2,
			[]string{"KITCHEN_JWKS_URL: key set: not an address", "more than one of a secret"}},
		"a short old secret": {[]string{secret, "KITCHEN_JWT_OLD_SECRETS=" + testSecret + ",hunter2"}, "serve", 2,
			[]string{"KITCHEN_JWT_OLD_SECRETS: signing secret: it has 7 bytes"}},
		"a placeholder": {[]string{"KITCHEN_JWT_SECRET=please-change-me-before-you-deploy-this"}, "serve", 2, []string{"it can be guessed"}},
		"limits": {nil, "serve --max-displays 0 --join-rate NaN --write-timeout 10 --max-message-bytes 1e3 --read-timeout 1s", 2,
			[]string{"--max-displays: \"0\" is not a whole number from 1", "--join-rate: \"NaN\" is not a number a second",
				"--write-timeout: \"10\" is not a duration from 100ms", "--max-message-bytes: \"1e3\" is not", "--read-timeout: \"1s\" is not"}},
		"a token longer than a header": {nil, "serve --max-token-bytes 8192 --max-header-bytes 8192", 2,
			[]string{"set KITCHEN_MAX_HEADER_BYTES to 10240"}},
		"no key":             {[]string{"DATABASE_URL=" + url}, "serve", 2, []string{"set KITCHEN_JWT_SECRET"}},
		"a key for nothing":  {[]string{"DATABASE_URL=" + url, secret, "KITCHEN_PAIRED_ONLY=true"}, "serve", 2, []string{"KITCHEN_PAIRED_ONLY takes no token"}},
		"paired perhaps":     {[]string{"DATABASE_URL=" + url, secret, "KITCHEN_PAIRED_ONLY=perhaps"}, "serve", 2, []string{"neither true nor false"}},
		"a switch perhaps":   {onDatabase(url), "screens --json=perhaps", 2, []string{`--json: "perhaps" is neither true nor false`}},
		"short secret":       {[]string{"KITCHEN_JWT_SECRET=hunter2"}, "serve", 2, []string{"KITCHEN_JWT_SECRET: signing secret: it has 7 bytes"}},
		"no PEM file":        {nil, "serve --jwt-public-key /nowhere/key.pem", 2, []string{"a PEM file is wanted"}},
		"no key in the file": {nil, "serve --jwt-public-key " + pem, 2, []string{"no PEM block"}},
		"listen URL no URL":  {[]string{"DATABASE_URL=" + url, "KITCHEN_LISTEN_DATABASE_URL=nonsense", "KITCHEN_JWT_SECRET=" + testSecret}, "serve", 2, []string{"KITCHEN_LISTEN_DATABASE_URL: the database URL cannot be read"}},
		"listen URL alone":   {[]string{"KITCHEN_LISTEN_DATABASE_URL=" + url}, "serve", 2, []string{"DATABASE_URL is not"}},
		"bad address":        {nil, "serve --listen 8080", 2, []string{"not an address like 127.0.0.1:8080"}},
		"bad origin": {append(onDatabase(url), "KITCHEN_ALLOWED_ORIGINS=till.example.com"), "serve --listen 127.0.0.1:0", 2,
			[]string{`KITCHEN_ALLOWED_ORIGINS: "till.example.com" is no origin: write it like https://board.example.com`}},
		"busy port": {onDatabase(url), "serve --listen " + busy.Addr().String(), 1, []string{"is in use by another program"}},
		"metrics where displays connect": {onDatabase(url), "serve --listen 127.0.0.1:28080 --metrics-listen 127.0.0.1:28080", 2,
			[]string{"--listen and --metrics-listen are the same address, 127.0.0.1:28080"}},
		"unreachable database": {[]string{"DATABASE_URL=" + nobody, secret}, "serve --listen 127.0.0.1:0", 1,
			[]string{"connection refused"}},
		"unreadable URL": {[]string{"DATABASE_URL=::::", secret}, "serve --listen 127.0.0.1:0", 1,
			[]string{"it should look like postgres://"}},
		"unmigrated, serve":    {onDatabase(unmigrated), "serve --listen 127.0.0.1:0", 1, []string{"kitchen migrate up"}},
		"unmigrated, simulate": {onDatabase(unmigrated), "simulate", 1, []string{"kitchen migrate up"}},
		"unmigrated, token":    {onDatabase(unmigrated), "token anna", 1, []string{"kitchen migrate up"}},
		"no restaurant like it": {[]string{"DATABASE_URL=" + url}, "simulate --restaurant " + id, 1,
			[]string{"there is no restaurant " + id}},
		"restaurant by name":     {nil, "simulate --restaurant vesuvio", 2, []string{"is not a uuid"}},
		"migrate without a word": {nil, "migrate", 2, []string{"say up, down, status, repair or role"}},
		"migrate sideways":       {nil, "migrate left", 2, []string{`"left" is not up, down, status, repair or role`}},
		"migrate upp":            {nil, "migrate upp", 2, []string{`"upp" is not up, down, status, repair or role; did you mean up?`}},
		"attach up --detach":     {[]string{"DATABASE_URL=" + url}, "attach up --detach x.sql", 2, []string{"--detach goes with migration alone"}},
		"attach chek":            {nil, "attach chek x.sql", 2, []string{"did you mean check?"}},
		"station lst":            {nil, "station lst", 2, []string{"did you mean list"}},
		"station remove":         {nil, "station remove Grill", 2, []string{"delete from kitchen.stations where name = "}},
		"watch by name":          {nil, "watch --token x Da_Gino!", 2, []string{"kitchen restaurant list shows the ids"}},
		"no such mapping":        {[]string{"DATABASE_URL=" + url}, "attach check nofile.sql", 2, []string{"kitchen attach template prints one to edit"}},
		"no such database":       {onDatabase(regexp.MustCompile(`/kitchen[^?/]*\?`).ReplaceAllString(url, "/nope?")), "serve --listen 127.0.0.1:0", 1, []string{"createdb"}},
		"token, listen":          {[]string{"KITCHEN_LISTEN=8080"}, "token anna", 2, []string{"KITCHEN_LISTEN: "}},
		"migrate up --all":       {nil, "migrate up --all", 2, []string{"--all goes with down"}},
		"migrate, unreachable":   {[]string{"DATABASE_URL=" + nobody}, "migrate up", 1, []string{"connection refused"}},
		"token for nobody":       {nil, "token", 2, []string{"say for whom"}},
		"token without a secret": {[]string{"DATABASE_URL=" + url}, "token anna", 2, []string{"set KITCHEN_JWT_SECRET"}},
		"token for an unknown":   {onDatabase(url), "token anna", 1, []string{`there is no user "anna"`}},
		"watch nothing":          {[]string{"KITCHEN_TOKEN=x"}, "watch", 2, []string{"say which restaurant"}},
		"watch without a token":  {nil, "watch " + id, 2, []string{"set KITCHEN_TOKEN"}},
		"watch what is no node":  {nil, "watch --url ftp://x --token x " + id, 2, []string{"not an address like ws://"}},
	} {
		t.Run(name, func(t *testing.T) {
			out, errs, code := kitchen(t, c.env, strings.Fields(c.args)...)
			if code != c.code || out != "" {
				t.Errorf("exit code %d, want %d; on standard output: %q", code, c.code, out)
			}
			lines := strings.Split(strings.TrimSuffix(errs, "\n"), "\n")
			if len(lines) != len(c.want) {
				t.Errorf("%d lines, want %d:\n%s", len(lines), len(c.want), errs)
			}
			for _, want := range c.want {
				if !strings.Contains(errs, want) {
					t.Errorf("no %q in:\n%s", want, errs)
				}
			}
			if strings.Contains(errs, "hunter2") {
				t.Errorf("a password is printed:\n%s", errs)
			}
		})
	}
}

func TestHelpNamesEverySetting(t *testing.T) {
	t.Parallel()
	out, _, code := kitchen(t, nil)
	if code != 0 {
		t.Errorf("exit code %d", code)
	}
	everyCommand(newRoot(&program{}), func(c *cobra.Command) {
		name := strings.Fields(commandName(c))
		if len(name) == 1 && (!strings.Contains(out, "  "+c.Name()+" ") || !strings.Contains(out, c.Short)) {
			t.Errorf("kitchen alone does not name %s", c.Name())
		}
		settings := offered(c)
		for _, args := range [][]string{append([]string{"help"}, name...), append(name, "-h"), append(name, "--help"), append(name, "-help")} {
			text, errs, code := kitchen(t, nil, args...)
			if code != 0 || errs != "" || !strings.Contains(text, c.Short) || !strings.Contains(text, c.Long) {
				t.Errorf("%v: exit code %d, %s%s", args, code, text, errs)
			}
			for _, sub := range c.Commands() {
				if !strings.Contains(text, "  "+sub.Name()+" ") || !strings.Contains(text, sub.Short) {
					t.Errorf("%v does not name %s", args, sub.Name())
				}
			}
			for _, d := range settings {
				for _, want := range []string{"--" + d.flag, d.env, d.unit, d.byDefault, d.about} {
					if !strings.Contains(text, want) {
						t.Errorf("%v does not say %q", args, want)
					}
				}
				if d.unit != "" && d.byDefault == "" {
					t.Errorf("--%s has no default in words", d.flag)
				}
			}
		}
	})
}

// Help and completion may be shown to anybody: they say which settings there are, and no value.
func TestHelpAndCompletionShowNoValue(t *testing.T) {
	t.Parallel()
	var env []string
	everyCommand(newRoot(&program{}), func(c *cobra.Command) {
		for _, d := range offered(c) {
			if d.env != "" {
				env = append(env, d.env+"=hunter2")
			}
		}
	})
	everyCommand(newRoot(&program{}), func(c *cobra.Command) {
		name := strings.Fields(commandName(c))
		for _, args := range [][]string{append([]string{"help"}, name...), append(append([]string{"__complete"}, name...), "--"),
			append(append([]string{"__complete"}, name...), "--jwt-secret", "hunter2", "--")} {
			out, errs, code := kitchen(t, env, args...)
			if code != 0 || strings.Contains(out+errs, "hunter2") {
				t.Errorf("%v: exit code %d\n%s%s", args, code, out, errs)
			}
		}
	})
}

// A name and what it is about are two words, however long the name is.
func TestHelpKeepsItsColumnsApart(t *testing.T) {
	t.Parallel()
	everyCommand(newRoot(&program{}), func(c *cobra.Command) {
		out, _, _ := kitchen(t, nil, append([]string{"help"}, strings.Fields(commandName(c.Parent()))...)...)
		if !strings.Contains(out, "  "+c.Name()+"  ") {
			t.Errorf("%s runs into what it is about:\n%s", commandName(c), out)
		}
	})
}
