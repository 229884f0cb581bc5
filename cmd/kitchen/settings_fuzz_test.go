package main

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// Whatever is given, it is understood or complained about in words, and no secret is among these.
func FuzzSettings(f *testing.F) {
	for _, seed := range [][2]string{
		{"serve --listen :1 --max-displays 3", "KITCHEN_JWT_SECRET=" + testSecret}, {"serve --jwt-secret=hunter2hunter2", "DATABASE_URL=postgres://x"},
		{"watch x --url http://[::1 --token t", "KITCHEN_URL=%zz"}, {"token --for 1h -- x", "KITCHEN_JWT_OLD_SECRETS=a,b"},
		{"serve --jwks-url http://localhost/ --jwks-refresh 1s", "KITCHEN_READ_TIMEOUT=1e9h"}, {"migrate --all=maybe down", "KITCHEN_ALLOWED_ORIGINS=,,*"},
		{"simulate --rate 1e400 --restaurant x", "KITCHEN_LISTENN=1"}, {"serve ---x -", "=x"}, {"demo -- --for", "\x00=\xff"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, line, environment string) {
		args := strings.Split(line, " ")
		if strings.Contains(line+environment, "ublic") {
			return // it would read a file of that name
		}
		if slices.Contains([]string{"help", "completion", "__complete", "__completeNoDesc"}, args[0]) {
			return // they have no settings
		}
		const secret = "hunter2-hunter2"
		env := append(strings.Split(environment, "\n"), "KITCHEN_JWT_SECRET="+secret, "KITCHEN_JWT_OLD_SECRETS="+secret, "KITCHEN_JWKS_URL=ftp://"+secret)
		_, _, _, err := readSettings(env, args...)
		var usage *usageError
		if err == nil {
			return
		}
		if !errors.As(err, &usage) || len(usage.problems) == 0 || slices.Contains(usage.problems, "") {
			t.Fatalf("%q, %q: %v", line, environment, err)
		}
		if strings.Contains(err.Error(), secret) && !strings.Contains(line+environment, secret) {
			t.Errorf("%q, %q: a secret is printed: %v", line, environment, err)
		}
	})
}
