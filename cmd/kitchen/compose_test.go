package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

// loadCompose reads compose.yaml as Docker Compose does.
func loadCompose(t *testing.T, env []string, profiles ...string) (*types.Project, error) {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{"../../compose.yaml"}, cli.WithEnv(env), cli.WithResolvedPaths(true), cli.WithProfiles(profiles))
	if err != nil {
		t.Fatal(err)
	}
	return options.LoadProject(t.Context())
}

// compose.yaml is read by the library that Docker Compose itself reads it with, and what it asks of the program is held
// against the program's real flags and variables.
func TestComposeFileStartsThisProgram(t *testing.T) {
	t.Parallel()
	if _, err := loadCompose(t, nil); err == nil || !strings.Contains(err.Error(), "KITCHEN_JWT_SECRET") {
		t.Errorf("without a secret it must say which is missing: %v", err)
	}
	project, err := loadCompose(t, []string{"KITCHEN_JWT_SECRET=" + testSecret})
	if err != nil {
		t.Fatal(err)
	}

	if names := project.ServiceNames(); !slices.Equal(names, []string{"migrate", "notifier", "postgres"}) {
		t.Errorf("without a profile: %v", names)
	}
	if s := project.Services["postgres"]; s.HealthCheck == nil || !regexp.MustCompile(`^postgres:\d+\.\d+-[a-z]+$`).MatchString(s.Image) {
		t.Errorf("postgres is %s, with health check %v", s.Image, s.HealthCheck)
	}
	for name, wants := range map[string]map[string]string{
		"migrate":  {"postgres": types.ServiceConditionHealthy},
		"notifier": {"postgres": types.ServiceConditionHealthy, "migrate": types.ServiceConditionCompletedSuccessfully},
	} {
		s := project.Services[name]
		for on, condition := range wants {
			if got := s.DependsOn[on].Condition; got != condition {
				t.Errorf("%s waits for %s to be %q, not %q", name, on, got, condition)
			}
		}
		if s.Build == nil || s.Build.Context != project.WorkingDir {
			t.Errorf("%s is not built from this project: %+v", name, s.Build)
		}
		var env []string
		for variable, value := range s.Environment {
			env = append(env, variable+"="+*value)
		}
		command, got, _, err := readSettings(env, s.Command...)
		if err != nil {
			t.Errorf("%s: %v: %v", name, s.Command, err)
		}
		if !strings.Contains(got.db.URL, "@postgres:5432/kitchen") {
			t.Errorf("%s connects to another database", name)
		}
		if name == "migrate" && command != "migrate up" {
			t.Errorf("it runs %s", command)
		}
	}
}
