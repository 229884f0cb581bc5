package doctor

import (
	"strings"
	"testing"
	"time"

	"kitchen/cmd/kitchen/database"
	"kitchen/cmd/kitchen/node"
	"kitchen/db"
	"kitchen/db/examine"
)

func TestDoctorWeighsTheSecret(t *testing.T) {
	for secret, want := range map[string]struct{ mark, word string }{
		"hunter2":                  {"wrong", "7 bytes"},
		strings.Repeat("a", 40):    {"warning", "repeats itself"},
		strings.Repeat("Ab3$", 12): {"warning", "repeats itself"},
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab":        {"warning", "few different"},
		"django-insecure-u8m#xk2)p3v!w4z5y6q7r8s9t0a1b2c3d4e5": {"warning", "django-insecure"},
		"please-changeme-before-production-0000":               {"warning", "changeme"},
		"4f1d2c3b5a69788796a5b4c3d2e1f00f":                     {"ok", "32 bytes"},
		"u8m#xk2)p3v!w4z5y6q7r8s9t0a1b2c3d4e5f6":               {"ok", "looks random"},
	} {
		x := &examination{Config: Config{Keyring: node.Keyring{Secret: secret}, Db: database.Config{URL: "postgres://x"}}}
		x.checkKeys(t.Context())
		f := x.findings[0]
		if f.Mark.String() != want.mark || !strings.Contains(f.Means, want.word) {
			t.Errorf("%q is %s: %s; want %s, %q", secret, f.Mark, f.Means, want.mark, want.word)
		}
		if strings.Contains(f.Means+f.Mend, secret) {
			t.Errorf("the secret is printed: %s", f.Means)
		}
	}
	both := &examination{Config: Config{Keyring: node.Keyring{Secret: "u8m#xk2)p3v!w4z5y6q7r8s9t0a1b2c3d4e5f6", PublicKey: []byte("x")}}}
	if both.checkKeys(t.Context()); both.findings[0].Mark != wrong {
		t.Errorf("a secret and a public key: %+v", both.findings)
	}
	none := &examination{Config: Config{Db: database.Config{URL: "postgres://x"}}}
	if none.checkKeys(t.Context()); none.findings[0].Mark != warning {
		t.Errorf("no key: %+v", none.findings)
	}
}

func TestDoctorComparesOpenFilesWithDisplays(t *testing.T) {
	x := &examination{}
	if x.addFiles(1 << 20); x.findings[0].Mark != Fine {
		t.Errorf("a million files: %+v", x.findings)
	}
	x = &examination{}
	x.Displays = 1 << 20
	if x.addFiles(1 << 20); x.findings[0].Mark != warning {
		t.Errorf("as many displays as files: %+v", x.findings)
	}
}

// What no test can bring about on a server in a moment.
func TestDoctorJudgesWhatAServerSays(t *testing.T) {
	judge := func(say func(*examination)) finding {
		x := &examination{}
		say(x)
		return x.findings[0]
	}
	version := func(number int) mark {
		return judge(func(x *examination) { x.addVersion(examine.ServerFacts{Version: number, VersionText: "x"}) }).Mark
	}
	for number, want := range map[int]mark{
		130022: wrong, 140020: warning, 140021: Fine, 150015: warning, 150018: Fine, 170007: warning, 180004: Fine, 190000: Fine, 200000: warning,
	} {
		if got := version(number); got != want {
			t.Errorf("version %d is %s, want %s", number, got, want)
		}
	}
	held := []db.Session{{PID: 4711, Application: "sleepy", Role: "till", Database: "kitchen"}}
	for _, c := range []struct {
		usage   float64
		holders []db.Session
		want    mark
		word    string
	}{
		{0, nil, Fine, "0 %"}, {0.01, nil, Fine, "1 %"}, {0.01, held, warning, "sleepy"}, {0.3, nil, warning, "30 %"}, {0.8, held, wrong, "silent"},
	} {
		f := judge(func(x *examination) { x.addQueue(c.usage, c.holders) })
		if f.Mark != c.want || !strings.Contains(f.Means, c.word) {
			t.Errorf("a queue that is %v full, held by %v: %+v", c.usage, c.holders, f)
		}
	}
	clock := func(off, uncertain time.Duration) mark {
		return judge(func(x *examination) {
			x.server = examine.ServerFacts{Version: 1, Difference: off, DifferenceUncertain: uncertain}
			x.checkClock()
		}).Mark
	}
	for _, c := range []struct {
		off, uncertain time.Duration
		want           mark
	}{
		{0, 0, Fine}, {900 * time.Millisecond, 0, Fine}, {-2 * time.Second, 0, warning}, {2 * time.Second, 1500 * time.Millisecond, Fine},
		{time.Hour, time.Second, warning},
	} {
		if got := clock(c.off, c.uncertain); got != c.want {
			t.Errorf("clocks %s apart, by %s: %s, want %s", c.off, c.uncertain, got, c.want)
		}
	}
}
