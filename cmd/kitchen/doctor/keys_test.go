package doctor

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"kitchen/cmd/kitchen/node"
)

// The doctor asks an identity provider as a node would, and says what it has of it.
func TestDoctorKnowsTheKeysOfAnIdentityProvider(t *testing.T) {
	t.Parallel()
	const ed25519 = `{"kty":"OKP","crv":"Ed25519","kid":"one","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`
	const secret = `{"kty":"oct","kid":"two","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}`
	for name, c := range map[string]struct {
		status int
		body   string
		mark   mark
		says   string
	}{
		"good":        {200, `{"keys":[` + ed25519 + `]}`, Fine, `1 key of KITCHEN_JWKS_URL: EdDSA "one"`},
		"with others": {200, `{"keys":[` + ed25519 + `,` + secret + `]}`, Fine, "1 other not for that"},
		"secrets":     {200, `{"keys":[` + secret + `]}`, wrong, "none of the keys in the answer"},
		"empty":       {200, `{"keys":[]}`, wrong, "none of the keys in the answer"},
		"a page":      {200, `<html>`, wrong, "not a JSON Web Key Set"},
		"not there":   {404, ``, wrong, "answers 404 Not Found"},
	} {
		provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(c.status)
			_, _ = w.Write([]byte(c.body))
		}))
		f := keyFinding(t, provider.URL+"/?password=hunter2")
		provider.Close()
		if f.Mark != c.mark || !strings.Contains(f.Means, c.says) || f.Mark == wrong && !strings.Contains(f.Mend, "jwks_uri") {
			t.Errorf("%s: %+v", name, f)
		}
		if strings.Contains(f.Means+f.Mend, "hunter2") {
			t.Errorf("%s: the address is printed: %+v", name, f)
		}
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	if f := keyFinding(t, gone.URL); f.Mark != wrong || !strings.Contains(f.Means, "connection refused") {
		t.Errorf("away: %+v", f)
	}
	untrusted := httptest.NewTLSServer(http.NotFoundHandler())
	defer untrusted.Close()
	if f := keyFinding(t, untrusted.URL); f.Mark != wrong || !strings.Contains(f.Means, "certificate") {
		t.Errorf("a certificate of its own: %+v", f)
	}
}

func keyFinding(t *testing.T, url string) finding {
	t.Helper()
	x := &examination{Config: Config{Keyring: node.Keyring{JwksURL: url}}}
	x.checkKeys(t.Context())
	if len(x.findings) != 1 {
		t.Fatalf("there are other findings than one about the keys: %+v", x.findings)
	}
	return x.findings[0]
}
