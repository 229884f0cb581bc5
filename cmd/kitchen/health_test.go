package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"kitchen/db/dbtest"
)

func TestHealthAsksTheNodeOfThisMachine(t *testing.T) {
	t.Parallel()
	n := startServe(t, onDatabase(dbtest.New(t))...)
	_, port, _ := strings.Cut(strings.TrimPrefix(n.url, "http://"), ":")
	for _, listen := range []string{"127.0.0.1:" + port, ":" + port, "0.0.0.0:" + port, "[::]:" + port} {
		if out, errs, code := kitchen(t, []string{"KITCHEN_LISTEN=" + listen}, "health"); code != 0 || out != "up\n" || errs != "" {
			t.Errorf("%s: exit code %d, %s%s", listen, code, out, errs)
		}
	}
	if err := n.stop(); err != nil {
		t.Fatal(err)
	}
	if _, errs, code := kitchen(t, nil, "health", "--listen", ":"+port); code != 1 || !strings.Contains(errs, "is a node there?") {
		t.Errorf("nobody there: exit code %d, %s", code, errs)
	}
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthz" {
			t.Errorf("asked for %s", r.URL.Path)
		}
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer secure.Close()
	listen := strings.TrimPrefix(secure.URL, "https://")
	if _, errs, code := kitchen(t, nil, "health", "--listen", listen, "--tls-cert", "cert.pem"); code != 1 || !strings.Contains(errs, "503") {
		t.Errorf("a certificate of its own, and ill: exit code %d, %s", code, errs)
	}
}

// Without an engine to build the image: what the Dockerfile says of the program is held against it.
func TestDockerfileStartsThisProgram(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	module, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	needs := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(string(module))[1]
	if !strings.Contains(string(text), "FROM golang:"+needs+" AS build") {
		t.Errorf("the image is not built with Go %s, which go.mod asks for", needs)
	}
	if !strings.Contains(string(text), "CGO_ENABLED=0 go build") || !regexp.MustCompile(`(?m)^FROM \S+:nonroot$`).Match(text) {
		t.Error("not a static program that runs as nobody in particular")
	}
	list := func(keyword string) (words []string) {
		found := regexp.MustCompile(`(?m)^` + keyword + `\b.*?(\[.*\])$`).FindSubmatch(text)
		if found == nil || json.Unmarshal(found[1], &words) != nil {
			t.Fatalf("no %s in the Dockerfile as a list", keyword)
		}
		return words
	}
	entry := list("ENTRYPOINT")
	if len(entry) != 1 || !strings.Contains(string(text), "COPY --from=build "+entry[0]+" "+entry[0]+"\n") {
		t.Errorf("the image starts %v, which is not copied into it", entry)
	}
	for _, command := range [][]string{list("CMD"), list("HEALTHCHECK")[1:]} {
		if _, _, _, err := readSettings(nil, command...); err != nil {
			t.Error(err)
		}
	}
	if list("HEALTHCHECK")[0] != entry[0] {
		t.Error("the health check is another program's")
	}
	for _, variable := range regexp.MustCompile(`(?m)^ENV (\w+)=(\S+)$`).FindAllSubmatch(text, -1) {
		if _, _, _, err := readSettings([]string{string(variable[1]) + "=" + string(variable[2]), "KITCHEN_JWT_SECRET=" + testSecret}, "serve"); err != nil {
			t.Errorf("%s: %v", variable[0], err)
		}
	}
}
