package local

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"kitchen/db/dbtest/testdir"
)

// In the environment of this test binary it makes it a program that runs a private server in the directory it names.
const programEnv, binDirEnv, detachedEnv = "KITCHEN_TEST_PROGRAM", "KITCHEN_TEST_BIN", "KITCHEN_TEST_DETACHED"

func TestMain(m *testing.M) {
	if dir := os.Getenv(programEnv); dir != "" {
		os.Exit(programMain(dir))
	}
	if err := removeKilled(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if err := seed.remove(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// removeKilled removes the directories of tests that were killed, once they are certainly over: they may be in memory.
func removeKilled() error {
	dirs, err := filepath.Glob(filepath.Join(testdir.Parent(), "kitchen-local-*"))
	if err != nil {
		return err
	}
	for _, dir := range dirs {
		if info, err := os.Stat(dir); err == nil && time.Since(info.ModTime()) > time.Hour {
			if err := os.RemoveAll(dir); err != nil {
				return err
			}
		}
	}
	return nil
}

// programMain runs a server until the end of standard input, and says on standard output when it is there.
func programMain(dir string) int {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGINT) // Ctrl-C is not for it to obey
	s, err := Start(context.Background(), Config{
		DataDir: dir, BinDir: os.Getenv(binDirEnv), Settings: quick(), Detached: os.Getenv(detachedEnv) != "",
		Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
	})
	if err != nil {
		fmt.Println("error", err)
		return 1
	}
	fmt.Println(s.PID(), s.URL())
	if s.cfg.Detached {
		return 0
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := s.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// program is another program that runs a server: this test binary once more.
type program struct {
	cmd    *exec.Cmd
	stdin  io.Closer
	answer *bufio.Reader
	server int // process id of its postmaster
	url    string
}

// startProgram starts one, in a process group of its own, as a shell would.
func startProgram(t *testing.T, dir string, change func(*exec.Cmd)) *program {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &program{cmd: exec.Command(binary)}
	p.cmd.Env = append(os.Environ(), programEnv+"="+dir)
	p.cmd.Stderr = os.Stderr
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if change != nil {
		change(p.cmd)
	}
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.answer = bufio.NewReader(stdout)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.kill() })
	return p
}

// waitReady waits until the program's server runs.
func (p *program) waitReady(t *testing.T) *program {
	t.Helper()
	line, err := p.answer.ReadString('\n')
	if err != nil {
		t.Fatalf("the program ended without a word: %v", err)
	}
	pid, url, _ := strings.Cut(strings.TrimSpace(line), " ")
	if p.server, err = strconv.Atoi(pid); err != nil {
		t.Fatalf("the program says: %s", line)
	}
	p.url = url
	return p
}

// quit lets the program end in good order.
func (p *program) quit(t *testing.T) {
	t.Helper()
	p.stdin.Close()
	if err := p.cmd.Wait(); err != nil {
		t.Fatalf("the program: %v", err)
	}
}

func (p *program) kill() {
	if p.cmd.ProcessState == nil {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	}
}

// quick spares the disk.
func quick() map[string]string { return map[string]string{"fsync": "off"} }

// start starts a server that is stopped at the end of the test.
func start(t *testing.T, cfg Config) *Server {
	t.Helper()
	if cfg.Settings == nil {
		cfg.Settings = quick()
	}
	s, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// ask runs one statement on a connection of its own and returns its first value as text.
func ask(t *testing.T, url, sql string) string {
	t.Helper()
	conn := connect(t, url)
	defer conn.Close(t.Context())
	var answer string
	rows, err := conn.Query(t.Context(), sql, pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	defer rows.Close()
	for rows.Next() {
		answer = string(rows.RawValues()[0])
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return answer
}

// eventually polls, for what nothing signals: the end of a process that is nobody's child here, a file of another program.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); {
		if time.Now().After(deadline) {
			t.Fatalf("still not so after 30 s: %s", what)
		}
		if err := pause(t.Context(), 2*time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
}

// newDir returns an empty directory that the server's user can pass through, which those of t.TempDir are not.
func newDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp(testdir.Parent(), "kitchen-local-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if dir, err = trueName(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
