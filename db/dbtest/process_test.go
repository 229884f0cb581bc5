package dbtest

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// In the environment of this test binary it says what TestInAnotherProcess does there.
const scriptEnv = "KITCHEN_DBTEST_SCRIPT"

// TestInAnotherProcess is what the other test processes run whose server the tests of run_test.go watch.
func TestInAnotherProcess(t *testing.T) {
	switch os.Getenv(scriptEnv) {
	case "hold": // a database, until the end of standard input
		fmt.Println("url", New(t))
		_, _ = io.Copy(io.Discard, os.Stdin)
	case "fail":
		url := New(t)
		fmt.Println("url", url)
		ask(t, url, "create table evidence as select 'found' as what")
		t.Error("this test fails on purpose")
	case "leak":
		forever := make(chan struct{})
		go func() { <-forever }()
	}
}

// testProcess is another test process, with a temporary directory that the test decides about.
type testProcess struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	pipe   *os.File // its standard output and error
	reader *bufio.Reader
	output strings.Builder // what was read of it
}

// startProcess starts one. TestInAnotherProcess is the only test that it runs.
func startProcess(t *testing.T, tmp, script string, env ...string) *testProcess {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &testProcess{cmd: exec.Command(binary, "-test.run=^TestInAnotherProcess$", "-test.v")}
	p.cmd.Env = append(os.Environ(), "TMPDIR="+tmp, "TEST_DATABASE_URL=", scriptEnv+"="+script)
	p.cmd.Env = append(p.cmd.Env, env...)
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p.pipe, p.reader = read, bufio.NewReader(read)
	p.cmd.Stdout, p.cmd.Stderr = write, write
	err = p.cmd.Start()
	write.Close()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.kill()
		p.pipe.Close()
	})
	return p
}

// url waits for the address of the process's database.
func (p *testProcess) url(t *testing.T) string {
	t.Helper()
	for {
		line, err := p.reader.ReadString('\n')
		p.output.WriteString(line)
		if err != nil {
			t.Fatalf("it ended without an address: %v\n%s", err, p.output.String())
		}
		if url, ok := strings.CutPrefix(strings.TrimSpace(line), "url "); ok {
			return url
		}
	}
}

// finish lets the process end in good order and returns its exit code and what it said. It reads to the end of the
// output, as go test does: a server that held on to that would hold this up.
func (p *testProcess) finish(t *testing.T) (code int, output string) {
	t.Helper()
	p.stdin.Close()
	rest, err := io.ReadAll(p.reader)
	if err != nil {
		t.Fatal(err)
	}
	p.output.Write(rest)
	_ = p.cmd.Wait() // its exit code says it all
	return p.cmd.ProcessState.ExitCode(), p.output.String()
}

func (p *testProcess) kill() {
	if p.cmd.ProcessState == nil {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	}
}

// passes runs a whole process that must pass.
func passes(t *testing.T, p *testProcess) {
	t.Helper()
	if code, output := p.finish(t); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, output)
	}
}
