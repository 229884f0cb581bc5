package main

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // goose takes a database/sql driver
	"github.com/pressly/goose/v3"

	"kitchen/db/dbtest"
)

// asGoose makes this test binary goose's own program: -dir DIRECTORY postgres URL COMMAND.
const asGoose = "KITCHENTEST_IS_GOOSE"

func gooseMain() error {
	if len(os.Args) < 6 || os.Args[1] != "-dir" || os.Args[3] != "postgres" {
		return fmt.Errorf("goose %q", os.Args[1:])
	}
	pool, err := sql.Open("pgx", os.Args[4])
	if err != nil {
		return err
	}
	return errors.Join(goose.RunContext(context.Background(), os.Args[5], pool, os.Args[2], os.Args[6:]...), pool.Close())
}

// walk is somebody who follows db/attach/README.md in a directory of their own.
type walk struct {
	*testing.T
	dir    string
	env    []string
	blocks []string // of shell commands, in the README's order
	attached
}

// startWalk has a Django app's database before it, and kitchen and goose on its path.
func startWalk(t *testing.T) *walk {
	t.Helper()
	readme, err := os.ReadFile("../../db/attach/README.md")
	if err != nil {
		t.Fatal(err)
	}
	w := &walk{T: t, dir: t.TempDir(), attached: attached{url: dbtest.Empty(t)}}
	w.mapping = filepath.Join(w.dir, "kitchen.sql")
	w.pool = dbtest.Pool(t, w.url)
	w.exec(t, `drop schema public; create schema public; grant usage on schema public to public`)
	for _, m := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(readme), -1) {
		block := strings.ReplaceAll(m[1], "postgres://owner@db.example/shop", "'"+w.url+"'")
		w.blocks = append(w.blocks, strings.ReplaceAll(block, "KITCHEN_JWT_SECRET=…", "KITCHEN_JWT_SECRET='"+testSecret+"'"))
	}
	if len(w.blocks) != 8 {
		t.Fatalf("db/attach/README.md has %d blocks of commands, and the walk knows 8", len(w.blocks))
	}
	for name, as := range map[string]string{"kitchen": asProgram, "goose": asGoose} {
		script := fmt.Sprintf("#!/bin/sh\n%s=1 GORACE=atexit_sleep_ms=0 exec '%s' \"$@\"\n", as, os.Args[0])
		if err := os.WriteFile(filepath.Join(w.dir, name), []byte(script), 0o700); err != nil { //nolint:gosec // it is run
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(w.dir, "migrations"), 0o700); err != nil {
		t.Fatal(err)
	}
	w.env = []string{"PATH=" + w.dir + ":" + os.Getenv("PATH"), "HOME=" + w.dir, "DATABASE_URL=" + w.url, "KITCHEN_LISTEN=" + freeAddress(t), "KITCHEN_METRICS_LISTEN=127.0.0.1:0"}
	return w
}

func (w *walk) command(script string) *exec.Cmd {
	cmd := exec.CommandContext(w.Context(), "bash", "-euo", "pipefail", "-c", script) //nolint:gosec // the README's own
	cmd.Dir, cmd.Env = w.dir, w.env
	return cmd
}

// do runs commands to their end, and returns what they print.
func (w *walk) do(script string) (out string, code int) {
	w.Helper()
	text, err := w.command(script).CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		w.Fatal(err)
	}
	if exit != nil {
		code = exit.ExitCode()
	}
	return string(text), code
}

// must runs commands that end well, but for warnings of the check.
func (w *walk) must(script string) string {
	w.Helper()
	out, code := w.do(script)
	if code > 1 || code == 1 && !strings.Contains(script, "attach check") {
		w.Fatalf("%s\nends with %d:\n%s", script, code, out)
	}
	return out
}

// edit changes the mapping, as its owner does.
func (w *walk) edit(old, changed string) {
	w.Helper()
	text, err := os.ReadFile(w.mapping)
	if err != nil {
		w.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		w.Fatalf("the mapping has no %q", old)
	}
	if err := os.WriteFile(w.mapping, []byte(strings.ReplaceAll(string(text), old, changed)), 0o600); err != nil {
		w.Fatal(err)
	}
}

func (w *walk) says(out string, want ...string) {
	w.Helper()
	for _, s := range want {
		if !strings.Contains(out, s) {
			w.Errorf("does not say %q:\n%s", s, out)
		}
	}
}

// show starts what a block starts, and writes each statement once a line has what it stands for.
func (w *walk) show(script string, writes map[string]string, order ...string) {
	w.Helper()
	cmd := w.command(script)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a node and a display
	read, write, err := os.Pipe()
	if err != nil {
		w.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = write, write
	if err := cmd.Start(); err != nil {
		w.Fatal(err)
	}
	_ = write.Close()
	defer func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		_, _ = io.Copy(io.Discard, read)
		_ = cmd.Wait()
	}()
	_ = read.SetReadDeadline(time.Now().Add(waitLimit))
	lines := bufio.NewScanner(read)
	var all strings.Builder
	for _, text := range order {
		for found := false; !found; {
			if !lines.Scan() {
				w.Fatalf("no line with %q: %v\n%s", text, lines.Err(), all.String())
			}
			all.WriteString(lines.Text() + "\n")
			found = strings.Contains(lines.Text(), text)
		}
		if writes[text] != "" {
			w.exec(w.T, writes[text])
		}
	}
}
